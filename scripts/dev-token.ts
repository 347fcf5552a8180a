/** Development tokens for scripts and tests. `npm run dev` makes the same (src/development). */
import { createHash } from "node:crypto";
import { hashedName, idOfHash, signToken } from "../src/development/token.ts";

/** The id of a development user: always the same for a name. */
export function devUserId(name: string): string {
  return idOfHash(createHash("sha256").update(hashedName(name)).digest("hex"));
}

/** A token that the local server accepts. @param seconds how long it lasts. */
export async function devToken(name: string, secret: string, seconds?: number): Promise<string> {
  return await signToken({ name, user_id: devUserId(name) }, secret, seconds);
}
