/** The tables of one user's hub, in its own SQLite. The name in quotes is the column's name where it differs. */

import type {
  ConversationType,
  PresenceStatus,
  PushLevel,
  PushLogEntry,
  PushPreferences,
  PushPreview,
  PushProvider,
  RegisterDevice,
} from "@rocket-chat-api/protocol";
import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { NotedMessage, PushWord } from "../domain/push-note.ts";
import type { Screen } from "../domain/screen.ts";
import type { EpochMs } from "../domain/time.ts";
import type { Trace } from "../domain/trace.ts";
import type { BlockRollout } from "./blocks/block-rollout.ts";
import type { ProfileRollout } from "./profile-rollout.ts";

/** One row: the user, and how often the hub has woken. */
export const hub = sqliteTable("hub", {
  user_id: text().primaryKey(),
  wake_epoch: integer("generation").notNull(),
  /** The best status of the connected devices; without any, the last one. */
  chosen: text().$type<PresenceStatus>().notNull(),
  /** The status that was announced to others last. */
  announced: text().$type<PresenceStatus>().notNull(),
  /** Whether the directory knows that a socket is open here. */
  listed: integer({ mode: "boolean" }).notNull().default(false),
  /** When the last socket closed, until the next one opens. */
  closed_at: integer().$type<EpochMs>(),
  /** The newest version of the profile that was announced from here. */
  profile_version: integer().notNull().default(0),
  /** How far that profile has reached the conversations; null when all have it. */
  profile_rollout: text("profile_news", { mode: "json" }).$type<ProfileRollout>(),
  /** When a mute ends, and with it the unread totals change that sockets have been sent; null if none does. */
  mute_ends_at: integer().$type<EpochMs>(),
  /** How many changes of blocks there were. */
  block_version: integer().notNull().default(0),
});

/** Conversations that the changed profile could not reach. */
export const missed = sqliteTable("missed", { conversation_id: text().primaryKey() });

/** Conversations that have been answered "idle": they skip this user until the hub wakes them. */
export const idleIn = sqliteTable("sleepers", { conversation_id: text().primaryKey() });

/** The user's sockets at conversations themselves: when the token ends, and the status of the device. */
export const directSockets = sqliteTable("devices", {
  connection_id: text().primaryKey(),
  conversation_id: text().notNull(),
  expires_at: integer().$type<EpochMs>().notNull(),
  status: text().$type<PresenceStatus>().notNull(),
  /** What its app shows; null if it is not in the foreground. */
  screen: text({ mode: "json" }).$type<Screen>(),
});

/** Socket tickets that have not been used yet (rule 4). */
export const tickets = sqliteTable("tickets", {
  ticket: text().primaryKey(),
  identity: text().notNull(),
  expires_at: integer().$type<EpochMs>().notNull(),
});

/** Users whom this user has blocked, and ended blocks until everybody knows (rule 29). */
export const blocks = sqliteTable("blocks", {
  user_id: text().primaryKey(),
  /** The number of the change; see `BlockWord`. */
  version: integer().notNull(),
  is_blocked: integer({ mode: "boolean" }).notNull(),
  changed_at: integer().$type<EpochMs>().notNull(),
  /** How far the change has reached others; null when all have it. */
  rollout: text({ mode: "json" }).$type<BlockRollout>(),
});

/** One row: the user's wishes about push, and how far they have reached the conversations. Only of users with devices. */
export const push = sqliteTable("push", {
  id: integer().primaryKey(),
  preferences: text({ mode: "json" }).$type<PushPreferences>().notNull(),
  /** How many words this hub has given (domain/push-note.ts). */
  version: integer().notNull(),
  /** Whether there is a row for each conversation of the user. */
  is_seeded: integer({ mode: "boolean" }).notNull(),
  /** Since when conversations without a row here are to tell; null if it is not known. */
  wanted_since: integer().$type<EpochMs>(),
  /** How often in a row conversations, or the directory, could not be reached, and when to try again. */
  failures: integer().notNull().default(0),
  retry_at: integer().$type<EpochMs>(),
});

/** Devices that get pushes. */
export const pushDevices = sqliteTable("push_devices", {
  device_id: text().primaryKey(),
  platform: text().$type<RegisterDevice["platform"]>().notNull(),
  provider: text().$type<PushProvider>().notNull(),
  app_id: text(),
  /** A token, or the endpoint of a subscription. */
  token: text().notNull(),
  token_hash: text().notNull(),
  /** Of the registration that brought the token here (directory/device-tokens.ts). */
  token_version: integer().notNull(),
  environment: text().$type<"sandbox" | "production">(),
  locale: text(),
  preview: text().$type<PushPreview>(),
  keys: text({ mode: "json" }).$type<RegisterDevice["push_keys"]>(),
  is_active: integer({ mode: "boolean" }).notNull(),
  registered_at: integer().$type<EpochMs>().notNull(),
  last_pushed_at: integer().$type<EpochMs>(),
  /** The number that its icon shows, as far as it was told; null if it was told none. */
  last_badge: integer(),
  /** The newest decisions about it, newest first. Here, because rows are what is billed, and this one is written anyway. */
  log: text({ mode: "json" }).$type<PushLogEntry[]>().notNull(),
});

/** Tokens that were taken from this user, and by which registration. A late one of this user's must not bring them back. */
export const releasedTokens = sqliteTable("released_tokens", {
  token_hash: text().primaryKey(),
  version: integer().notNull(),
});

/** Tokens that no device here has any more, and by which registration they came. The directory is still to forget them. */
export const droppedTokens = sqliteTable("dropped_tokens", {
  token_hash: text().primaryKey(),
  version: integer().notNull(),
});

/** What is known of each conversation: what the user has set there, and what its notes have said. */
export const pushConversations = sqliteTable(
  "push_conversations",
  {
    conversation_id: text().primaryKey(),
    is_muted: integer({ mode: "boolean" }).notNull(),
    muted_until: integer().$type<EpochMs>(),
    push_level: text().$type<PushLevel>(),
    /** How much the conversation is to tell, and whether it knows that. If not, it is also asked about what devices show. */
    word: text().$type<PushWord>().notNull(),
    is_told: integer({ mode: "boolean" }).notNull(),
    /** Not told: since when it is to tell that much. What was said since then is asked for when it is told. */
    wanted_since: integer().$type<EpochMs>(),
    type: text().$type<ConversationType>().notNull(),
    name: text(),
    member_count: integer().notNull(),
    /** The newest note. */
    seq: integer().notNull(),
    rev: integer().notNull(),
    last_read_seq: integer().notNull(),
    unread_count: integer().notNull(),
    unread_mentions: integer().notNull(),
    /** Whether the user has not accepted it, so that it counts in no total (rule 29). */
    is_request: integer({ mode: "boolean" }).notNull().default(false),
    /** Whether there may be more unread messages than the notes have said. */
    is_stale: integer({ mode: "boolean" }).notNull(),
    /** Messages up to here have been decided. */
    decided_seq: integer().notNull(),
  },
  (table) => [
    index("push_conversations_untold").on(table.is_told).where(sql`is_told = 0`),
    index("push_conversations_stale").on(table.is_stale).where(sql`is_stale = 1`),
    index("push_conversations_mutes").on(table.muted_until).where(sql`muted_until IS NOT NULL`),
    index("push_conversations_levels").on(table.push_level).where(sql`push_level IS NOT NULL`),
  ],
);

/** What each device shows of each conversation, and what it is to be sent. */
export const pushItems = sqliteTable(
  "push_items",
  {
    device_id: text().notNull(),
    conversation_id: text().notNull(),
    /** What is to be sent; null if nothing is. */
    pending: text({ mode: "json" }).$type<PendingPush>(),
    /** When it is to be sent; null if nothing is. */
    due_at: integer().$type<EpochMs>(),
    /** The message that is shown; 0 if none is. */
    shown_seq: integer().notNull(),
    /** Of the text that is shown; -1 if it is not known whether it arrived. */
    shown_edited_at: integer().$type<EpochMs>(),
  },
  (table) => [
    primaryKey({ columns: [table.device_id, table.conversation_id] }),
    // One more row for each push. Without it, each life of the object would read all that is shown.
    index("push_items_pending")
      .on(table.device_id, table.conversation_id, table.due_at)
      .where(sql`pending IS NOT NULL`),
  ],
);

/** A push that is to be sent. */
export interface PendingPush {
  /** Null to take away what is shown. */
  message: NotedMessage | null;
  kind: "message" | "mention" | "added" | "request" | "edited" | "clear";
  /** The same each time that it is sent. */
  push_id: string;
  /** When it was first due, and how often it was tried since. */
  since: EpochMs;
  attempts: number;
  has_waited: boolean;
  /** What the device shows may have been edited or deleted since. If this push is dropped, that is looked at again. */
  covers_change?: boolean;
  /** The first of the messages that this one stands for, if they were not sent before it came. */
  first_seq?: number;
  /** Of a clear: what is shown up to here is gone, also if it was not read. */
  up_to?: number;
  /** Of the request that sent the message, for the log. */
  trace?: Trace;
}
