/**
 * The tables of D1: the directory and the read model. `users`, `direct_pairs` and preferences are its own.
 * `conversations`, `members` and `messages` are projected from the conversations and can be rebuilt. Times are EpochMs.
 * Tables with a text key are stored in the order of the key (`WITHOUT ROWID`, which only the migration says): see
 * migrations/0007_clustered.sql.
 */

import type {
  AttachmentType,
  ConversationType,
  MessageType,
  PresenceStatus,
  PushLevel,
  Role,
} from "@rocket-chat-api/protocol";
import { sql } from "drizzle-orm";
import { index, integer, primaryKey, real, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { RequestState } from "../domain/message-request.ts";
import { ofPrivacy } from "./privacy-columns.ts";
import { ofServer } from "./server-columns.ts";

export const users = sqliteTable(
  "users",
  {
    user_id: text().primaryKey(),
    /** The id that the identity provider uses; null until a token has it. */
    external_id: text(),
    /** Unique. A later user with the same name gets another one. */
    username: text().notNull(),
    display_name: text().notNull(),
    /** The words of the display name, folded. */
    search_name: text().notNull(),
    profile_photo_url: text(),
    /** The claims of the last refresh. A user's own change is kept until the claims change. */
    claims: text().notNull(),
    /** When the newest token was issued; 0 if no token said so. An older token never changes the profile. */
    claims_issued_at: integer().notNull().default(0),
    /** Rises with each change, so that copies can be compared. */
    version: integer().notNull(),
    /** Whether conversations may still show an older version. The user's hub updates them. */
    is_untold: integer({ mode: "boolean" }).notNull().default(false),
    /** Whether `user_names` and `search_name` are up to date. */
    is_indexed: integer({ mode: "boolean" }).notNull().default(false),
    /** The status that others see. */
    presence: text().$type<PresenceStatus>().notNull(),
    /** Whether a socket of the user's hub is open, whatever status others see. Such users get presence events. */
    connected: integer({ mode: "boolean" }).notNull().default(false),
    last_seen_at: integer(),
    created_at: integer().notNull(),
    ...ofServer,
    ...ofPrivacy,
  },
  (table) => [
    uniqueIndex("users_by_username").on(table.username),
    index("users_untold").on(table.user_id).where(sql`is_untold = 1`),
    index("users_unindexed").on(table.user_id).where(sql`is_indexed = 0`),
    index("users_banned").on(table.banned_at, table.user_id).where(sql`banned_at IS NOT NULL`),
  ],
);
export type UserRow = typeof users.$inferSelect;

/** The searchable texts of users: each text that a search may match the start of (people-search.ts). */
export const userNames = sqliteTable(
  "user_names",
  { text: text().notNull(), username: text().notNull(), user_id: text().notNull() },
  (table) => [
    // In the order of the results, so that nothing is sorted.
    primaryKey({ columns: [table.text, table.username, table.user_id] }),
    index("user_names_by_user").on(table.user_id, table.text),
  ],
);

/** One direct conversation for each pair (rule 7). */
export const directPairs = sqliteTable("direct_pairs", {
  /** Both user ids, sorted, joined by a colon. */
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
  /** The conversation's `seq` when it was last projected. */
  seq: integer().notNull(),
  /** Countable messages so far; see domain/unread.ts. */
  message_no: integer().notNull(),
  /** The `seq` of the newest message; 0 if there is none. */
  last_message_seq: integer().notNull(),
  last_activity_at: integer().notNull(),
  /** Whether the conversation's own socket has connections, which get presence events. Not part of the projection. */
  has_sockets: integer({ mode: "boolean" }).notNull().default(false),
  /**
   * Countable messages that each member has sent so far, as JSON, if there are few members. So a message does not write
   * the sender's row. Never emptied: a count only grows, and the higher of this one and `members.sent_no` is right.
   */
  sent_counts: text(),
  /** The directory's revision that wrote this row. */
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
    /** A hidden direct conversation stays hidden until a message with a higher `seq` (rule 8). */
    hidden_seq: integer(),
    /** The first `seq` that the member may see, if that is not `joined_seq` (rule 10). */
    visible_from: integer(),
    /** Set while the member has not accepted this direct chat (domain/message-request.ts). */
    request: text().$type<RequestState>(),
    /** Whom the member has blocked there, as a JSON array of ids; null if nobody. Groups only (rule 29). */
    blocked: text(),
    /** Countable messages up to the watermark by those whom the member has blocked; see domain/unread.ts. */
    read_blocked_no: integer().notNull().default(0),
    /** When a mute ends (domain/moderation.ts); null if there is none. */
    muted_until: integer(),
    /** The conversation's revision of the row. An older one does not replace it. */
    version: integer().notNull().default(0),
    /** Countable messages that this member has sent so far; may lag behind `conversations.sent_counts`. */
    sent_no: integer().notNull().default(0),
    rev: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.conversation_id, table.user_id] }),
    // All columns of a member that the list needs before it has chosen its page.
    index("members_by_user").on(table.user_id, table.left_seq, table.hidden_seq, table.conversation_id),
    // Few members have one.
    index("members_requested").on(table.user_id).where(sql`request IS NOT NULL`),
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

/** A user's preferences for a conversation (rule 9). */
export const preferences = sqliteTable(
  "preferences",
  {
    user_id: text().notNull(),
    conversation_id: text().notNull(),
    is_muted: integer({ mode: "boolean" }).notNull(),
    muted_until: integer(),
    is_pinned: integer({ mode: "boolean" }).notNull(),
    is_archived: integer({ mode: "boolean" }).notNull(),
    /** Which messages push, if not those that the user's own level says (rule 27). */
    push_level: text().$type<PushLevel>(),
    rev: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.user_id, table.conversation_id] })],
);

/**
 * Marks: the `seq` of a conversation at a revision. They map the cursor of `/sync` to a cursor of the conversation. Not every
 * flush writes one (domain/sync.ts).
 */
export const flushes = sqliteTable(
  "flushes",
  { conversation_id: text().notNull(), rev: integer().notNull(), seq: integer().notNull() },
  (table) => [primaryKey({ columns: [table.conversation_id, table.rev] })],
);

/** One row: the directory's revision, which counts flushes and is the cursor of `/sync`. */
export const revision = sqliteTable("revision", {
  id: integer().primaryKey(),
  value: integer().notNull(),
  /** The identity of this directory. A new database has another. Tokens of `/sync` contain it. */
  epoch: text().notNull().default(sql`(lower(hex(randomblob(8))))`),
});

/**
 * Uploads, from the permission to upload. A row exists as long as there may be an object in the bucket. It is deleted
 * after the object, when no upload can create it again.
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
    /** As requested. */
    file_size: integer().notNull(),
    /** The size of a JPEG that was cleaned in place, in old rows. No longer written. */
    clean_size: integer(),
    width: integer(),
    height: integer(),
    duration: real(),
    placeholder: text(),
    created_at: integer().notNull(),
    /** `expired`: not sent in time. `deleted`: refused, or its message was deleted. */
    state: text().$type<AttachmentState>().notNull(),
    /** When the collector must look at it; null while a message shows it. */
    due_at: integer(),
    /** Random part of its keys in the bucket. Null in old rows. */
    key_token: text(),
    /** How often a check of its bytes was started. */
    checks: integer().notNull().default(0),
  },
  (table) => [
    index("attachments_due").on(table.due_at).where(sql`due_at IS NOT NULL`),
    index("attachments_pending").on(table.uploader_id).where(sql`state = 'pending'`),
  ],
);

type AttachmentState = "pending" | "bound" | "expired" | "deleted";
