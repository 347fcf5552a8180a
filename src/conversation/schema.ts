/**
 * The tables of one conversation, in its own SQLite. There is one writer, the object itself.
 * Times are milliseconds since 1970. `changed_seq` is the number of the newest change that all members see.
 */
import { sql } from "drizzle-orm";
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { ConversationType, MessageType, Role, Settings, SystemNote } from "../protocol/index.ts";

/** One row. */
export const conversation = sqliteTable("conversation", {
  conversation_id: text().primaryKey(),
  type: text().$type<ConversationType>().notNull(),
  name: text(),
  description: text(),
  photo_url: text(),
  created_by: text().notNull(),
  created_at: integer().notNull(),
  settings: text({ mode: "json" }).$type<Settings>().notNull(),
  changed_seq: integer().notNull(),
});

/** The roster. Who left stays as a tombstone, so that readers with a cursor see it go. */
export const members = sqliteTable(
  "members",
  {
    user_id: text().primaryKey(),
    username: text().notNull(),
    display_name: text().notNull(),
    profile_photo_url: text(),
    profile_version: integer().notNull(),
    role: text().$type<Role>().notNull(),
    joined_seq: integer().notNull(),
    left_seq: integer(),
    changed_seq: integer().notNull(),
    last_read_seq: integer().notNull(),
    last_delivered_seq: integer().notNull(),
    /** See domain/unread.ts. */
    read_no: integer().notNull(),
    read_sent_no: integer().notNull(),
    unread_deleted: integer().notNull(),
    /** Rises with every change of any row here, also of what not everybody sees: the projector's cursor. */
    rev: integer().notNull(),
  },
  (table) => [index("members_by_rev").on(table.rev)],
);

export const messages = sqliteTable(
  "messages",
  {
    seq: integer().primaryKey(),
    sender_id: text().notNull(),
    type: text().$type<MessageType>().notNull(),
    content: text().notNull(),
    created_at: integer().notNull(),
    client_message_id: text(),
    reply_to_seq: integer(),
    /** JSON, as it was sent. */
    metadata: text(),
    system: text({ mode: "json" }).$type<SystemNote>(),
    no: integer().notNull(),
    sender_no: integer().notNull(),
    edited_at: integer(),
    deleted_at: integer(),
    changed_seq: integer().notNull(),
  },
  (table) => [
    index("messages_by_sender").on(table.sender_id, table.seq),
    uniqueIndex("messages_by_client_id")
      .on(table.sender_id, table.client_message_id)
      .where(sql`client_message_id IS NOT NULL`),
    // A new message has changed_seq = seq and costs this index nothing.
    index("messages_changed_later").on(table.changed_seq).where(sql`changed_seq > seq`),
  ],
);

/** Members whose hub has said that it has no socket; skipped until it wakes us. */
export const asleep = sqliteTable("asleep", { user_id: text().primaryKey() });

/** How far each consumer of changes has come: one row each. */
export const cursors = sqliteTable("cursors", {
  name: text().primaryKey(),
  seq: integer().notNull(),
  rev: integer().notNull(),
});
