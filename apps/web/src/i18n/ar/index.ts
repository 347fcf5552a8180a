/** The Arabic catalogue. */
import type { Catalogue } from "../en/index.ts";
import { app } from "./app.ts";
import { list } from "./list.ts";
import { panels } from "./panels.ts";
import { room } from "./room.ts";
import { signIn } from "./sign-in.ts";

/** The Arabic texts. */
export const ar: Catalogue = { ...app, ...list, ...room, ...panels, ...signIn };
