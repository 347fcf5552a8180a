/** The table of D1 for filters of the app (rule 29). It is the directory's own, and cannot be rebuilt. Times are EpochMs. */
import type { FilterAction, FilterMatch, FilterType } from "@rocket-chat-api/protocol";
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Filters, 25 at most. With rowids: rows of this size do not belong into the tree of a key. */
export const moderationFilters = sqliteTable("moderation_filters", {
  id: integer().primaryKey(),
  name: text().notNull().unique(),
  type: text().$type<FilterType>().notNull(),
  match: text().$type<FilterMatch>().notNull(),
  action: text().$type<FilterAction>().notNull(),
  /** Another one with each change: what isolates look at. */
  version: text().notNull(),
  entry_count: integer().notNull(),
  /** UTF-16 units of all entries. */
  characters: integer().notNull(),
  created_at: integer().notNull(),
  updated_at: integer().notNull(),
  /** Last, so that reading the other columns does not read it. */
  entries: text({ mode: "json" }).$type<string[]>().notNull(),
});
export type FilterRow = typeof moderationFilters.$inferSelect;
