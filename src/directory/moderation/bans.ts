/** Users whom the app has banned (rule 29). */
import { type AppBan, type PageQuery, timeCursor, timestamp } from "@rocket-chat-api/protocol";
import { type SQL, sql } from "drizzle-orm";
import type { EpochMs } from "../../domain/time.ts";
import { type Directory, runBatch } from "../database.ts";
import type { UserRow } from "../schema.ts";
import { findUser } from "../users.ts";
import { beginsAt } from "./ban-begin.ts";
import { logEntry } from "./log.ts";
import { trimNotices } from "./notices.ts";

/** A ban as it is asked for. */
export interface WantedBan {
  until: EpochMs | null;
  reason: string;
  /** The server credential. */
  actor_id: string;
}

/** A user who is banned. */
export type BannedUser = UserRow & { banned_at: EpochMs };

/** Whether a user is banned at a time. */
export function isBanned(row: UserRow, now: EpochMs): row is BannedUser {
  return row.banned_at !== null && (row.banned_until === null || row.banned_until > now);
}

/** A ban as servers see it. */
export function toBan(row: BannedUser): AppBan {
  const { user_id, username, display_name, ban_reason, banned_until, banned_at } = row;
  return {
    user_id,
    username,
    display_name,
    reason: ban_reason ?? "",
    until: banned_until === null ? null : timestamp(banned_until),
    banned_at: timestamp(banned_at),
  };
}

/**
 * Bans a user, or changes a ban, with its entry of the log and what the user is told. Repeating it changes nothing.
 * @returns the user, and the id of the notice if there is a new one; undefined if there is no such user.
 */
export async function banUser(
  db: Directory,
  userId: string,
  { until, reason, actor_id }: WantedBan,
  now: EpochMs,
): Promise<{ row: BannedUser; notice_id: string | null } | undefined> {
  const known = await findUser(db, userId);
  if (!known) return undefined;
  if (isBanned(known, now) && known.banned_until === until && known.ban_reason === reason) {
    return { row: known, notice_id: null };
  }
  const notice_id = crypto.randomUUID();
  await runBatch(db, [
    sql`UPDATE users SET banned_at = ${beginsAt(now)}, banned_until = ${until}, ban_reason = ${reason}
      WHERE user_id = ${userId}`,
    logEntry({ action: "app.ban", actor_id, target_id: userId, reason, details: { until } }, now),
    sql`INSERT INTO moderation_notices (user_id, created_at, notice_id, action, reason, until)
      VALUES (${userId}, ${now}, ${notice_id}, 'ban', ${reason}, ${until})`,
    trimNotices(sql`${userId}`),
  ]);
  const row = await findUser(db, userId);
  // It may have been lifted at the same moment: this request's own ban is what it answers.
  return row && { row: { ...row, banned_at: row.banned_at ?? now }, notice_id };
}

/** Ends a ban, with its entry of the log. Repeating it changes nothing. @returns undefined if there is no such user. */
export async function unbanUser(
  db: Directory,
  userId: string,
  actor_id: string,
  now: EpochMs,
): Promise<UserRow | undefined> {
  const condition = sql`EXISTS (SELECT 1 FROM users WHERE user_id = ${userId} AND banned_at IS NOT NULL)`;
  await runBatch(db, [
    logEntry({ action: "app.unban", actor_id, target_id: userId, reason: null }, now, { condition }),
    sql`UPDATE users SET banned_at = NULL, banned_until = NULL, ban_reason = NULL
      WHERE user_id = ${userId} AND banned_at IS NOT NULL`,
  ]);
  return await findUser(db, userId);
}

/** A page of the users who are banned, in the order of their bans. */
export async function listBans(
  db: Directory,
  { limit, cursor }: PageQuery,
  now: EpochMs,
): Promise<{ bans: AppBan[]; next_cursor: string | null }> {
  const after: SQL = cursor ? sql`AND (banned_at, user_id) > (${cursor.at}, ${cursor.id})` : sql``;
  const [rows = []] = await runBatch(db, [
    sql`SELECT * FROM users WHERE banned_at IS NOT NULL ${after}
      AND (banned_until IS NULL OR banned_until > ${now}) ORDER BY banned_at, user_id LIMIT ${limit + 1}`,
  ]);
  const found = rows as unknown as BannedUser[];
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const next_cursor =
    last && found.length > limit ? timeCursor({ at: last.banned_at, id: last.user_id }) : null;
  return { bans: page.map(toBan), next_cursor };
}
