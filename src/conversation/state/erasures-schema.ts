/** The table of people who were erased, and how far that has come (rule 28). */
import type { ErasedCounts, ErasedMessages } from "@rocket-chat-api/protocol";
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** One for each person who was erased here. It stays: they never come back. */
export const erasures = sqliteTable("erasures", {
  user_id: text().primaryKey(),
  messages: text().$type<ErasedMessages>().notNull(),
  /** What is at or above this place is done; 1 at the end. */
  before_seq: integer().notNull(),
  /** What was erased so far, in the turns that erased it. So nothing is counted twice. */
  counts: text({ mode: "json" }).$type<ErasedCounts>().notNull(),
});
