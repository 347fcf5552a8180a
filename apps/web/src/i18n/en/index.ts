/** The English catalogue, of which every other has the same keys. */
import type { Text } from "../plural.ts";
import { app } from "./app.ts";
import { list } from "./list.ts";
import { panels } from "./panels.ts";
import { room } from "./room.ts";
import { signIn } from "./sign-in.ts";

const texts = { ...app, ...list, ...room, ...panels, ...signIn };

/** The texts of one language. */
export type Catalogue = Texts<typeof texts>;

/** The same keys in another language. */
export type Texts<English> = Readonly<Record<keyof English, Text>>;

/** The English texts. */
export const en: Catalogue = texts;
