/**
 * The tables of one conversation, in the SQLite of its object, which is the only writer. Times are EpochMs.
 * `changed_seq` is the `seq` of the newest change that all members see.
 */

import type {
  AppMetadata,
  ConversationType,
  MessageType,
  Role,
  Settings,
  SystemNote,
  WhoCanMessage,
} from "@rocket-chat-api/protocol";
import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { StoredAttachment } from "../../domain/attachments.ts";
import type { DeliveredMark } from "../../domain/delivered.ts";
import type { MentionSet } from "../../domain/mentions.ts";
import type { MessageRequest } from "../../domain/message-request.ts";
import type { ModerationNote } from "../../domain/moderation-note.ts";
import type { PushWord } from "../../domain/push-note.ts";

export { bans, purges, slowEdits } from "./bans-schema.ts";
export { erasures } from "./erasures-schema.ts";
export { evidence, evidenceVersions } from "./evidence-schema.ts";
export { edits, hidden, mentions, pins, reactions } from "./message-parts-schema.ts";

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
  /** JSON of the app's own, up to 4 KB. */
  metadata: text({ mode: "json" }).$type<AppMetadata>(),
});

/** What others know of a member who does not show what they read. */
export interface ShownRead {
  seq: number;
  /** The number of the moment in which others learned it last; see `at_seq`. */
  at_seq: number;
}

/** The roster. Former members remain as tombstones, so that clients with a cursor see them leave. */
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
    /** The `seq` when something that not all members see changed in this row. A resume from before includes the row. */
    at_seq: integer().notNull(),
    last_read_seq: integer().notNull(),
    /** See domain/unread.ts. */
    read_no: integer().notNull(),
    read_sent_no: integer().notNull(),
    unread_deleted: integer().notNull(),
    unread_mentions: integer().notNull(),
    /** A hidden direct conversation stays hidden until a message with a higher `seq` (rule 8). */
    hidden_seq: integer(),
    /** The first `seq` that the member may see, if that is not `joined_seq` (rule 10). */
    visible_from: integer(),
    /** Of the member's privacy settings what is needed here: copies, as names are (rule 29). */
    read_receipts: integer({ mode: "boolean" }).notNull().default(true),
    shows_last_seen: integer({ mode: "boolean" }).notNull().default(true),
    who_can_message: text().$type<WhoCanMessage>().notNull().default("everyone"),
    /** How far others know that the member has read, while they do not learn more; null if they know it all. */
    shown_read: text({ mode: "json" }).$type<ShownRead>(),
    /** That the member has not accepted this direct chat (domain/message-request.ts); null if they have. */
    request: text({ mode: "json" }).$type<MessageRequest>(),
    /** Whether a former member has left the group by themselves. */
    has_left: integer({ mode: "boolean" }).notNull().default(false),
    /** Countable messages up to the watermark by those whom the member has blocked; see domain/unread.ts. */
    read_blocked_no: integer().notNull().default(0),
    /** The `seq` when it last changed whom the member has blocked here: a resume from there or before gets the newest page. */
    blocks_seq: integer(),
    /** When a mute ends (domain/moderation.ts); null if there is none. It stays with who leaves. */
    muted_until: integer(),
    muted_reason: text(),
    /** Who has muted them; null in rows of older releases. */
    muted_by: text(),
    /**
     * Rises with every change of any row here, including changes that not all members see. The cursor of change feeds.
     */
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
    /** Set if it pushes to nobody. */
    silent: integer({ mode: "boolean" }),
    mentions: text({ mode: "json" }).$type<MentionSet>(),
    attachments: text({ mode: "json" }).$type<StoredAttachment[]>(),
    expires_at: integer(),
    no: integer().notNull(),
    sender_no: integer().notNull(),
    /** Set if filters have masked the text: a hash of what was sent, by which a retry is recognised. */
    sent_hash: text(),
    edited_at: integer(),
    deleted_at: integer(),
    /** When a moderator brought it back. Quotes of it have changed with that, whoever may see it. */
    restored_at: integer(),
    changed_seq: integer().notNull(),
  },
  (table) => [
    uniqueIndex("messages_by_client_id")
      .on(table.sender_id, table.client_message_id)
      .where(sql`client_message_id IS NOT NULL`),
    // A new message has changed_seq = seq, and adds nothing to this index.
    index("messages_changed_later").on(table.changed_seq).where(sql`changed_seq > seq`),
    index("messages_quoting").on(table.reply_to_seq).where(sql`reply_to_seq IS NOT NULL`),
    index("messages_deleted").on(table.seq).where(sql`deleted_at IS NOT NULL`),
    index("messages_expiring").on(table.expires_at).where(sql`expires_at IS NOT NULL AND deleted_at IS NULL`),
  ],
);

/** A sender's countable messages so far, and the `seq` of their newest message of any type. */
export type Sent = [no: number, seq: number];

/** What each sender of a group had sent up to a message, written down now and then (sent-counts.ts). */
export const tallies = sqliteTable("tallies", {
  seq: integer().primaryKey(),
  sent: text({ mode: "json" }).$type<Record<string, Sent>>().notNull(),
});

/** Every attachment that a message has or had, so that none is sent twice. Each leads to its message. */
export const attachments = sqliteTable(
  "attachments",
  {
    attachment_id: text().primaryKey(),
    seq: integer().notNull(),
  },
  (table) => [index("attachments_by_message").on(table.seq)],
);

/** The history of read watermarks. The first entry at or above a message says when it was read. */
export const readMarks = sqliteTable(
  "read_marks",
  { user_id: text().notNull(), seq: integer().notNull(), at: integer().notNull() },
  (table) => [primaryKey({ columns: [table.user_id, table.seq] })],
);

/** One row with the delivered watermarks of all members. They change together, so they are written together. */
export const delivered = sqliteTable("delivered", {
  id: integer().primaryKey(),
  watermarks: text({ mode: "json" }).$type<Record<string, DeliveredMark[]>>().notNull(),
});

/** Members whose hub has no socket. They are skipped until their hub wakes this object. */
export const idleHubs = sqliteTable("asleep", { user_id: text().primaryKey() });

/** How much of what is said here pushes to members who have devices (domain/push-note.ts). */
export const pushWords = sqliteTable("push_words", {
  user_id: text().primaryKey(),
  word: text().$type<PushWord>().notNull(),
  version: integer().notNull(),
  /** Notes to this member begin here if that lies before the cursor of all notes; null if it does not. */
  behind_seq: integer(),
  /** How often in a row the hub could not be reached, and when it is tried again. */
  failures: integer().notNull().default(0),
  retry_at: integer(),
});

/** Who has blocked whom among the current and former members (domain/blocks.ts). */
export const blocks = sqliteTable(
  "blocks",
  {
    blocker_id: text().notNull(),
    blocked_id: text().notNull(),
    version: integer().notNull(),
    is_blocked: integer({ mode: "boolean" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.blocker_id, table.blocked_id] })],
);

/** What moderators and filters have done here, until the directory's log has it (domain/moderation-note.ts). */
export const moderationNotes = sqliteTable("moderation_notes", {
  id: integer().primaryKey({ autoIncrement: true }),
  note: text({ mode: "json" }).$type<ModerationNote>().notNull(),
});

/** The cursor of each consumer of changes. */
export const cursors = sqliteTable("cursors", {
  name: text().primaryKey(),
  seq: integer().notNull(),
  rev: integer().notNull(),
});
