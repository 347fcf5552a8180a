/**
 * D1: the directory and the read model. `users`, `direct_pairs` and what a user decides for themselves are its own;
 * `conversations`, `members` and `messages` are projected from the conversations and can be rebuilt from them.
 * Times are milliseconds since 1970. Tables whose key is text are kept in the order of their key (`WITHOUT ROWID`, which
 * only the migration says): see migrations/0007_clustered.sql.
 */

import type {
  AttachmentType,
  ConversationType,
  MessageType,
  PresenceStatus,
  Role,
} from "@rocket-chat-api/protocol";
import { sql } from "drizzle-orm";
import { index, integer, primaryKey, real, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

export const users = sqliteTable(
  "users",
  {
    user_id: text().primaryKey(),
    /** The identity provider's own id; null until a token has told it. */
    external_id: text(),
    /** Nobody else's: who comes later with the same name gets another. */
    username: text().notNull(),
    display_name: text().notNull(),
    /** The words of the display name, folded. */
    search_name: text().notNull(),
    profile_photo_url: text(),
    /** The claims that the profile was last refreshed from: the user's own change holds until these change. */
    claims: text().notNull(),
    /** When the newest token seen was made; 0 if none has said. An older one never changes the profile. */
    claims_issued_at: integer().notNull().default(0),
    /** Rises with each change of the profile, so that copies elsewhere know which is newer. */
    version: integer().notNull(),
    /** Whether conversations may still show an older version; the user's hub tells them. */
    is_untold: integer({ mode: "boolean" }).notNull().default(false),
    /** Whether `user_names` and `search_name` are of this version. */
    is_indexed: integer({ mode: "boolean" }).notNull().default(false),
    /** What others are told. */
    presence: text().$type<PresenceStatus>().notNull(),
    /** Whether a socket of the user's hub is open, whatever others are told: who can be told of a presence there. */
    connected: integer({ mode: "boolean" }).notNull().default(false),
    last_seen_at: integer(),
    created_at: integer().notNull(),
  },
  (table) => [
    uniqueIndex("users_by_username").on(table.username),
    index("users_untold").on(table.user_id).where(sql`is_untold = 1`),
    index("users_unindexed").on(table.user_id).where(sql`is_indexed = 0`),
  ],
);
export type UserRow = typeof users.$inferSelect;

/** What users are found by: each text that a search may be the beginning of (domain/people-search.ts). */
export const userNames = sqliteTable(
  "user_names",
  { text: text().notNull(), username: text().notNull(), user_id: text().notNull() },
  (table) => [
    // In the order of what a search answers, so that nothing is sorted.
    primaryKey({ columns: [table.text, table.username, table.user_id] }),
    index("user_names_by_user").on(table.user_id, table.text),
  ],
);

/** Exactly one direct conversation for each pair (rule 7). */
export const directPairs = sqliteTable("direct_pairs", {
  /** Both user ids, sorted, with a colon between. */
  pair: text().primaryKey(),
  conversation_id: text().notNull(),
});

export const conversations = sqliteTable("conversations", {
  conversation_id: text().primaryKey(),
  type: text().$type<ConversationType>().notNull(),
  name: text(),
  description: text(),
  photo_url: text(),
  created_by: text().notNull(),
  created_at: integer().notNull(),
  member_count: integer().notNull(),
  /** The conversation's counter when it was last projected. */
  seq: integer().notNull(),
  /** Countable messages so far; see domain/unread.ts. */
  message_no: integer().notNull(),
  /** The newest message's place; 0 if there is none. */
  last_message_seq: integer().notNull(),
  last_activity_at: integer().notNull(),
  /** Whether somebody is on the conversation's own socket: who is told of a presence. Not part of the projection. */
  has_sockets: integer({ mode: "boolean" }).notNull().default(false),
  /** The revision of the directory that wrote this row. */
  rev: integer().notNull(),
});

export const members = sqliteTable(
  "members",
  {
    conversation_id: text().notNull(),
    user_id: text().notNull(),
    role: text().$type<Role>().notNull(),
    joined_seq: integer().notNull(),
    left_seq: integer(),
    last_read_seq: integer().notNull(),
    read_no: integer().notNull(),
    read_sent_no: integer().notNull(),
    unread_deleted: integer().notNull(),
    unread_mentions: integer().notNull(),
    /** A direct conversation that was left is hidden until a message above this comes (rule 8). */
    hidden_seq: integer(),
    /** The conversation's own revision of the row: an older one, written late, does not replace it. */
    version: integer().notNull().default(0),
    /** Countable messages that this member has sent so far. */
    sent_no: integer().notNull().default(0),
    rev: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.conversation_id, table.user_id] }),
    // All that the list asks of a member before it has chosen its page.
    index("members_by_user").on(table.user_id, table.left_seq, table.hidden_seq, table.conversation_id),
    index("members_in_order").on(table.conversation_id, table.left_seq, table.joined_seq),
  ],
);

export const messages = sqliteTable(
  "messages",
  {
    id: integer().primaryKey(),
    conversation_id: text().notNull(),
    seq: integer().notNull(),
    changed_seq: integer().notNull(),
    sender_id: text().notNull(),
    type: text().$type<MessageType>().notNull(),
    content: text().notNull(),
    created_at: integer().notNull(),
    edited_at: integer(),
    deleted_at: integer(),
    expires_at: integer(),
    rev: integer().notNull(),
  },
  (table) => [uniqueIndex("messages_by_seq").on(table.conversation_id, table.seq)],
);

/** Messages that a user has deleted for themselves. */
export const hidden = sqliteTable(
  "hidden",
  { user_id: text().notNull(), conversation_id: text().notNull(), seq: integer().notNull() },
  (table) => [primaryKey({ columns: [table.user_id, table.conversation_id, table.seq] })],
);

/** What a user decides for themselves about a conversation (rule 9). */
export const preferences = sqliteTable(
  "preferences",
  {
    user_id: text().notNull(),
    conversation_id: text().notNull(),
    is_muted: integer({ mode: "boolean" }).notNull(),
    muted_until: integer(),
    is_pinned: integer({ mode: "boolean" }).notNull(),
    is_archived: integer({ mode: "boolean" }).notNull(),
    rev: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.user_id, table.conversation_id] })],
);

/** Which revision brought which `seq`: from the cursor of `/sync` to the cursor of each conversation. */
export const flushes = sqliteTable(
  "flushes",
  { conversation_id: text().notNull(), rev: integer().notNull(), seq: integer().notNull() },
  (table) => [primaryKey({ columns: [table.conversation_id, table.rev] })],
);

/** One row: the number of flushes that the directory has taken, which is the cursor of `/sync`. */
export const revision = sqliteTable("revision", {
  id: integer().primaryKey(),
  value: integer().notNull(),
  /** Which directory this is: a new row, in a new database, has another. Tokens of `/sync` carry it. */
  epoch: text().notNull().default(sql`(lower(hex(randomblob(8))))`),
});

/**
 * Uploads, from the permission on. A row stands for an object that may be in the bucket: it goes only after the object
 * has gone and nothing can be uploaded in its place any more.
 */
export const attachments = sqliteTable(
  "attachments",
  {
    attachment_id: text().primaryKey(),
    conversation_id: text().notNull(),
    uploader_id: text().notNull(),
    type: text().$type<AttachmentType>().notNull(),
    file_name: text().notNull(),
    mime_type: text().notNull(),
    /** As promised. */
    file_size: integer().notNull(),
    /** Of a JPEG that was cleaned in place, before checked bytes got an object of their own. Not written any more. */
    clean_size: integer(),
    width: integer(),
    height: integer(),
    duration: real(),
    placeholder: text(),
    created_at: integer().notNull(),
    /** `expired`: never sent, and no longer to be; `deleted`: refused, or of a message that is deleted. */
    state: text().$type<AttachmentState>().notNull(),
    /** When somebody must look at it again; null while a message shows it. */
    due_at: integer(),
    /** Random: what is in the bucket for it has names that cannot be guessed. Null: asked for before there was one. */
    key_token: text(),
    /** How often its bytes were begun to be checked. */
    checks: integer().notNull().default(0),
  },
  (table) => [
    index("attachments_due").on(table.due_at).where(sql`due_at IS NOT NULL`),
    index("attachments_pending").on(table.uploader_id).where(sql`state = 'pending'`),
  ],
);

export type AttachmentState = "pending" | "bound" | "expired" | "deleted";

/** Bytes that each user has been permitted to upload on the last day they asked. */
export const uploadQuotas = sqliteTable("upload_quotas", {
  user_id: text().primaryKey(),
  /** Days since 1970, UTC. */
  day: integer().notNull(),
  bytes: integer().notNull(),
});
