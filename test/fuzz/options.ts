/** What a run was asked for (scripts/fuzz.ts). */
import { env } from "cloudflare:workers";

/** Whether there are blocks and a request in it: `npm run fuzz -- --safety`. */
export const { safety: SAFETY }: { safety: boolean } = JSON.parse(env.FUZZ);
