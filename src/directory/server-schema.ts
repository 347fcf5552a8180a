/** The tables of D1 for the app's own backend (rule 28). Times are EpochMs. */
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** API keys of the app's backend (rule 28). Revoked ones stay, so that the log can tell them from unknown ones. */
export const apiKeys = sqliteTable("api_keys", {
  key_id: text().primaryKey(),
  /** SHA-256 of the secret, in hexadecimal digits. The secret itself is stored nowhere. */
  hash: text().notNull(),
  /** Scopes with spaces between them. */
  scopes: text().notNull(),
  /** What the operator calls it. */
  name: text().notNull(),
  created_at: integer().notNull(),
  revoked_at: integer(),
});
