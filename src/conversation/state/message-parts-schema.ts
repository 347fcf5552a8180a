/** The tables of what belongs to a message. */
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

/** One for each user and emoji (rule 18). */
export const reactions = sqliteTable(
  "reactions",
  {
    seq: integer().notNull(),
    user_id: text().notNull(),
    emoji: text().notNull(),
    reaction_id: text().notNull(),
    created_at: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.seq, table.user_id, table.emoji] })],
);

/** Earlier versions of edited messages (rule 16). */
export const edits = sqliteTable(
  "edits",
  {
    seq: integer().notNull(),
    version: integer().notNull(),
    content: text().notNull(),
    /** JSON, as it was sent. */
    metadata: text(),
    /** When this version was written. */
    written_at: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.seq, table.version] })],
);

/** Mentions by message; `*` means everyone (rule 14). */
export const mentions = sqliteTable(
  "mentions",
  { user_id: text().notNull(), seq: integer().notNull() },
  (table) => [primaryKey({ columns: [table.user_id, table.seq] }), index("mentions_by_seq").on(table.seq)],
);

/** Messages that a member has deleted for themselves. `at_seq` and `rev` as in `members`. */
export const hidden = sqliteTable(
  "hidden",
  {
    user_id: text().notNull(),
    seq: integer().notNull(),
    at_seq: integer().notNull(),
    rev: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.user_id, table.seq] }),
    index("hidden_by_rev").on(table.rev),
    // Finds the members who may not see quotes or changes of a message.
    index("hidden_by_seq").on(table.seq),
    // Finds the messages that a member has hidden since their last sync.
    index("hidden_by_member").on(table.user_id, table.at_seq),
  ],
);

/** Pinned messages. `pinned_seq` is the `seq` of the pin, and gives the order of the list. */
export const pins = sqliteTable(
  "pins",
  {
    seq: integer().primaryKey(),
    pinned_seq: integer().notNull(),
    pinned_at: integer().notNull(),
    pinned_by: text().notNull(),
  },
  (table) => [uniqueIndex("pins_by_order").on(table.pinned_seq)],
);
