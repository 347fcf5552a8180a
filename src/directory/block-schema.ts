/** The table of D1 for blocks (rule 29). */
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** A copy of each user's blocks. Their hub owns them (user-hub/blocks). */
export const blocks = sqliteTable(
  "blocks",
  {
    blocker_id: text().notNull(),
    blocked_id: text().notNull(),
    /** The hub's number of the change. An older one does not replace it. */
    version: integer().notNull(),
    is_blocked: integer({ mode: "boolean" }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.blocker_id, table.blocked_id] }),
    index("blocks_by_blocked").on(table.blocked_id),
  ],
);
