/** The tables of one user's hub, in its own SQLite. Times are milliseconds since 1970. */

import type { PresenceStatus } from "@rocket-chat-api/protocol";
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { ProfileNews } from "./profile-news.ts";

/** One row: who this is, and how often the hub has woken. */
export const hub = sqliteTable("hub", {
  user_id: text().primaryKey(),
  wake_epoch: integer("generation").notNull(),
  /** The best that the connected devices say, or said last. */
  chosen: text().$type<PresenceStatus>().notNull(),
  /** What others were told last. */
  announced: text().$type<PresenceStatus>().notNull(),
  /** Whether the directory knows that a socket is open here. */
  listed: integer({ mode: "boolean" }).notNull().default(false),
  /** When the last socket closed, until the user is announced offline. */
  closed_at: integer(),
  /** The newest version of the profile that was announced from here. */
  profile_version: integer().notNull().default(0),
  /** It, while not every conversation has it. */
  profile_news: text({ mode: "json" }).$type<ProfileNews>(),
});

/** Conversations that could not be told of the changed profile. */
export const missed = sqliteTable("missed", { conversation_id: text().primaryKey() });

/** Conversations that were told "asleep": they skip this user until they are woken. */
export const idleIn = sqliteTable("sleepers", { conversation_id: text().primaryKey() });

/** Devices of this user at a conversation's own socket: until when their token lasts, and what they say of the user. */
export const devices = sqliteTable("devices", {
  connection_id: text().primaryKey(),
  conversation_id: text().notNull(),
  expires_at: integer().notNull(),
  status: text().$type<PresenceStatus>().notNull(),
});

/** Socket tickets that nobody has used yet (rule 4). */
export const tickets = sqliteTable("tickets", {
  ticket: text().primaryKey(),
  identity: text().notNull(),
  expires_at: integer().notNull(),
});
