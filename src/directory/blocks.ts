/**
 * The directory's copy of all blocks (rule 29): for search, lists, presence, and who may be added. A user's hub owns
 * their blocks and writes them here.
 */
import { type SQL, sql } from "drizzle-orm";
import type { BlockWord } from "../domain/blocks.ts";
import { type Directory, runBatch } from "./database.ts";
import { reached } from "./epoch.ts";

/** Writes a block, or that there is none any more. An older version changes nothing. */
export async function putBlock(db: Directory, word: BlockWord): Promise<void> {
  const { blocker_id, blocked_id, version, is_blocked } = word;
  await runBatch(db, [
    sql`INSERT INTO blocks (blocker_id, blocked_id, version, is_blocked)
      VALUES (${blocker_id}, ${blocked_id}, ${version}, ${Number(is_blocked)})
      ON CONFLICT (blocker_id, blocked_id) DO UPDATE SET version = excluded.version, is_blocked = excluded.is_blocked
      WHERE excluded.version > blocks.version`,
  ]);
}

/** Deletes what is left of a block that has ended, unless a newer one has come. */
export async function removeEndedBlock(db: Directory, word: BlockWord): Promise<void> {
  await runBatch(db, [
    sql`DELETE FROM blocks WHERE blocker_id = ${word.blocker_id} AND blocked_id = ${word.blocked_id}
      AND version <= ${word.version} AND is_blocked = 0`,
  ]);
}

const listOf = (ids: readonly string[]) => sql`(SELECT value FROM json_each(${JSON.stringify(ids)}))`;

/** Whether a user has blocked another, in SQL. Both are expressions. */
export function hasBlocked(blocker: SQL | string, blocked: SQL | string): SQL {
  return sql`EXISTS (SELECT 1 FROM blocks WHERE blocker_id = ${blocker} AND blocked_id = ${blocked} AND is_blocked = 1)`;
}

/** Whether one of two users has blocked the other, in SQL: they do not see each other's presence. */
export function areApart(one: SQL | string, other: SQL | string): SQL {
  return sql`(${hasBlocked(one, other)} OR ${hasBlocked(other, one)})`;
}

/**
 * The blocks between people who come into a conversation and everybody who is in it, former members too. What has ended is
 * left out.
 */
export async function blocksAmong(
  db: Directory,
  newIds: readonly string[],
  rosterIds: readonly string[],
): Promise<BlockWord[]> {
  const all = listOf([...new Set([...newIds, ...rosterIds])]);
  const fresh = sql`json_each(${JSON.stringify([...new Set(newIds)])}) AS fresh`;
  // Each person's own rows are few. The plus keeps SQLite from looking up each pair instead.
  const [rows = []] = await runBatch(db, [
    sql`SELECT b.blocker_id, b.blocked_id, b.version FROM ${fresh} CROSS JOIN blocks AS b ON b.blocker_id = fresh.value
        WHERE b.is_blocked = 1 AND +b.blocked_id IN ${all}
      UNION SELECT b.blocker_id, b.blocked_id, b.version FROM ${fresh} CROSS JOIN blocks AS b ON b.blocked_id = fresh.value
        WHERE b.is_blocked = 1 AND +b.blocker_id IN ${all}`,
  ]);
  return rows.map(({ blocker_id, blocked_id, version }) => ({
    blocker_id: String(blocker_id),
    blocked_id: String(blocked_id),
    is_blocked: true,
    version: Number(version),
  }));
}

/** Those among these users who are apart from a user: one of the two has blocked the other. */
export async function apartFrom(
  db: Directory,
  userId: string,
  userIds: readonly string[],
): Promise<Set<string>> {
  const [rows = []] = await runBatch(db, [
    sql`SELECT value AS user_id FROM json_each(${JSON.stringify(userIds)}) AS other
      WHERE ${areApart(userId, sql`other.value`)}`,
  ]);
  return new Set(rows.map((row) => String(row.user_id)));
}

/** Those among these users who have blocked a user, and are not in this conversation. */
export async function blockersOf(
  db: Directory,
  userId: string,
  userIds: readonly string[],
  conversationId = "",
): Promise<string[]> {
  const [rows = []] = await runBatch(db, [
    sql`SELECT value AS user_id FROM json_each(${JSON.stringify(userIds)}) AS other
      WHERE ${hasBlocked(sql`other.value`, userId)} AND NOT EXISTS (SELECT 1 FROM members
        WHERE conversation_id = ${conversationId} AND user_id = other.value AND left_seq IS NULL)`,
  ]);
  return rows.map((row) => String(row.user_id));
}

/** Conversations that two users share or have shared. */
const sharedBy = (one: string, other: string) => sql`members AS mine
  CROSS JOIN members AS theirs ON theirs.conversation_id = mine.conversation_id AND theirs.user_id = ${other}
  WHERE mine.user_id = ${one}`;

/** The conversations that two users share or have shared, and the directory's revision of this answer. */
export async function sharedConversations(
  db: Directory,
  one: string,
  other: string,
): Promise<{ ids: string[]; rev: number }> {
  const [revisions = [], rows = []] = await runBatch(db, [
    sql`SELECT value FROM revision WHERE id = 1`,
    sql`SELECT mine.conversation_id FROM ${sharedBy(one, other)}`,
  ]);
  return {
    ids: rows.map((row) => String(row.conversation_id)),
    rev: Number(revisions[0]?.value ?? 0),
  };
}

/** Those of them where the membership of one of the two was written since a revision: all, if the directory was put back to before it. */
export async function lateSharedConversations(
  db: Directory,
  one: string,
  other: string,
  rev: number,
): Promise<string[]> {
  const [rows = []] = await runBatch(db, [
    sql`SELECT mine.conversation_id FROM ${sharedBy(one, other)} AND (mine.rev > ${reached(rev)} OR theirs.rev > ${reached(rev)})`,
  ]);
  return rows.map((row) => String(row.conversation_id));
}
