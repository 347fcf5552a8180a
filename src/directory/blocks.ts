/**
 * The directory's copy of all blocks (rule 29): for search, lists, presence, and who may be added. A user's hub owns
 * their blocks and writes them here.
 */
import { sql } from "drizzle-orm";
import type { BlockWord } from "../domain/blocks.ts";
import { type Directory, runBatch } from "./database.ts";

const listOf = (ids: readonly string[]) => sql`(SELECT value FROM json_each(${JSON.stringify(ids)}))`;

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
