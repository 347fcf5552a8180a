/** Columns of a user that only the app's own backend sets (rule 28). */
import { integer, text } from "drizzle-orm/sqlite-core";

/** What the app's own backend has set of a user (rule 28). */
export const ofServer = {
  /** Fields of the profile that a server has set, with spaces between them. Tokens no longer change them. */
  set_by_server: text().notNull().default(""),
  /** JSON of the app's own, up to 4 KB. */
  metadata: text(),
  deactivated_at: integer(),
  /** When the user was erased: nothing of them is left here but the id, and nothing comes back. */
  erased_at: integer(),
  /** When the app banned the user; null if it did not, or no longer does (rule 29). */
  banned_at: integer(),
  /** When the ban ends; null if it does not. */
  banned_until: integer(),
  /** Why, as the user is told. */
  ban_reason: text(),
  /** Tokens that were issued before are refused; 0 if none was revoked. */
  tokens_valid_from: integer().notNull().default(0),
};
