/** Tables of what moderators forbid (rule 29). */
import type { UserSummary } from "@rocket-chat-api/protocol";
import { integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

/** People who cannot be members. `id` gives the order of the list. */
export const bans = sqliteTable(
  "bans",
  {
    id: integer().primaryKey({ autoIncrement: true }),
    user_id: text().notNull(),
    /** The profile at that time, for people who never were members. */
    person: text({ mode: "json" }).$type<UserSummary>().notNull(),
    /** When it ends (domain/moderation.ts). */
    until: integer().notNull(),
    reason: text(),
    banned_by: text().notNull(),
    banned_at: integer().notNull(),
  },
  (table) => [uniqueIndex("bans_by_user").on(table.user_id)],
);

/** Messages that are still to be deleted for everyone: those of one sender, from the newest to the oldest. */
export const purges = sqliteTable("purges", {
  sender_id: text().primaryKey(),
  /** What is at or above this place has been deleted. */
  before_seq: integer().notNull(),
  /** Messages from before this time stay. */
  since: integer().notNull(),
  deleted_by: text().notNull(),
});

/** When members in slow mode have last edited a message. */
export const slowEdits = sqliteTable("slow_edits", {
  user_id: text().primaryKey(),
  at: integer().notNull(),
});
