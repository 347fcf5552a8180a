/** The tables of one user's hub, in its own SQLite. The name in quotes is the column's name where it differs. */

import type { PresenceStatus } from "@rocket-chat-api/protocol";
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { EpochMs } from "../domain/time.ts";
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
});

/** Socket tickets that have not been used yet (rule 4). */
export const tickets = sqliteTable("tickets", {
  ticket: text().primaryKey(),
  identity: text().notNull(),
  expires_at: integer().$type<EpochMs>().notNull(),
});
