/** Tables of D1 about push. */
import { sql } from "drizzle-orm";
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Who has each push token: the last user who registered it (rule 27). */
export const deviceTokens = sqliteTable(
  "device_tokens",
  {
    /** SHA-256 of the provider and the token, which its owner's hub alone keeps. */
    token_hash: text().primaryKey(),
    user_id: text().notNull(),
    device_id: text().notNull(),
    /** Of its newest registration; rises with each (device-tokens.ts). */
    version: integer().notNull(),
    /** Earlier owners whose hubs may still have it. */
    former: text({ mode: "json" }).$type<string[]>().notNull(),
  },
  (table) => [index("device_tokens_unreleased").on(table.token_hash).where(sql`former <> '[]'`)],
);
