/** User ids as they stand in logs: the same user has the same one, and nobody finds the user by it without the secret. */
import { createHash } from "node:crypto";

/** Hexadecimal digits that are kept: 64 bits tell a hundred million users apart. */
const DIGITS = 16;

/**
 * A user's id for a log line. `npm run hashed-id` makes the same one of an id that an operator looks for.
 * @param secret `IDENTITY_SECRET`; without one the hash alone hides the id.
 */
export function hashedId(secret: string | undefined, userId: string): string {
  return createHash("sha256")
    .update(`log\n${secret ?? ""}\n${userId}`)
    .digest("hex")
    .slice(0, DIGITS);
}
