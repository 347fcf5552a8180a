/** The conversations that a user is or was in. They all show the user's name. */
import { sql } from "drizzle-orm";
import { type Directory, runBatch } from "./database.ts";
import { reached } from "./epoch.ts";

const idsOf = (rows: Record<string, unknown>[]) => rows.map((row) => String(row.conversation_id));

/** The conversations with the newest messages, and the directory's revision of this answer. */
export async function recentConversationsOf(
  db: Directory,
  userId: string,
  limit: number,
): Promise<{ ids: string[]; rev: number }> {
  const [revisions = [], rows = []] = await runBatch(db, [
    sql`SELECT value FROM revision WHERE id = 1`,
    sql`SELECT m.conversation_id FROM members AS m CROSS JOIN conversations AS c USING (conversation_id)
      WHERE m.user_id = ${userId} ORDER BY c.last_activity_at DESC LIMIT ${limit}`,
  ]);
  return { ids: idsOf(rows), rev: Number(revisions[0]?.value ?? 0) };
}

/** The next conversations after an id, in the order of their ids. */
export async function conversationsOf(
  db: Directory,
  userId: string,
  after: string,
  limit: number,
): Promise<string[]> {
  const [rows = []] = await runBatch(db, [
    sql`SELECT conversation_id FROM members WHERE user_id = ${userId} AND conversation_id > ${after}
      ORDER BY conversation_id LIMIT ${limit}`,
  ]);
  return idsOf(rows);
}

/** Conversations whose membership was written since a revision, in that order: all, if the directory was put back to before it. */
export async function lateConversationsOf(
  db: Directory,
  userId: string,
  rev: number,
  limit: number,
): Promise<{ id: string; rev: number }[]> {
  const [rows = []] = await runBatch(db, [
    sql`SELECT conversation_id, rev FROM members WHERE user_id = ${userId} AND rev > ${reached(rev)}
      ORDER BY rev LIMIT ${limit}`,
  ]);
  return rows.map((row) => ({ id: String(row.conversation_id), rev: Number(row.rev) }));
}
