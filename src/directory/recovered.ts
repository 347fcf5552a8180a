/** What the directory does for a conversation that went back to a point in time (domain/recovery.ts). */
import type { ErasedMessages } from "@rocket-chat-api/protocol";
import { inArray, sql } from "drizzle-orm";
import type { FinishOrder, KnownPerson } from "../domain/recovery.ts";
import type { EpochMs } from "../domain/time.ts";
import { UNSENT_TTL_MS } from "./attachments.ts";
import { type Directory, runBatch } from "./database.ts";
import { users } from "./schema.ts";
import { toCaller } from "./users.ts";

/** Users read at a time. */
const PEOPLE = 1_000;

/**
 * Deletes what was written of the later state, before everything is written again. It may be repeated: what was written
 * since is written again, too.
 * @param upTo the last number that was forgotten.
 */
export async function forgetLater(db: Directory, conversationId: string, upTo: number): Promise<void> {
  const everybody = sql`(SELECT user_id FROM members WHERE conversation_id = ${conversationId})`;
  await runBatch(db, [
    // A client may be ahead of its token: with none of these marks all get the newest page.
    sql`DELETE FROM flushes WHERE conversation_id = ${conversationId} AND seq <= ${upTo}`,
    sql`DELETE FROM hidden WHERE conversation_id = ${conversationId} AND user_id IN ${everybody}`,
    // Counts only grow otherwise.
    sql`UPDATE members SET sent_no = 0 WHERE conversation_id = ${conversationId}`,
    sql`UPDATE conversations SET sent_counts = NULL WHERE conversation_id = ${conversationId}`,
    // The collector asks the conversation which it shows. Who sends a forgotten message again has a day for it.
    sql`UPDATE attachments SET due_at = ${Date.now() + UNSENT_TTL_MS}
      WHERE conversation_id = ${conversationId} AND state = 'bound' AND due_at IS NULL`,
  ]);
}

/** Everybody whom the directory knows in a conversation, as they are today. */
export async function peopleOf(db: Directory, conversationId: string): Promise<KnownPerson[]> {
  const [rows = []] = await runBatch(db, [
    sql`SELECT user_id, left_seq, last_read_seq FROM members WHERE conversation_id = ${conversationId}`,
  ]);
  const people: KnownPerson[] = [];
  for (let i = 0; i < rows.length; i += PEOPLE) {
    const some = new Map(rows.slice(i, i + PEOPLE).map((row) => [String(row.user_id), row]));
    const ids = sql`(SELECT value FROM json_each(${JSON.stringify([...some.keys()])}))`;
    for (const user of await db.select().from(users).where(inArray(users.user_id, ids))) {
      const row = some.get(user.user_id);
      const is_member = row?.left_seq === null;
      people.push({ profile: toCaller(user), is_member, last_read_seq: Number(row?.last_read_seq ?? 0) });
    }
  }
  return people;
}

/** Those who are or were in a conversation, or banned there, and were erased; and how. */
export async function erasedOf(db: Directory, conversationId: string): Promise<FinishOrder["erased"]> {
  const anonymised = sql`EXISTS (SELECT 1 FROM jobs WHERE subject = u.user_id || ' anonymise'
    AND kind = 'erase_user' AND status <> 'failed')`;
  const [rows = []] = await runBatch(db, [
    sql`SELECT u.user_id, u.version, ${anonymised} AS is_anonymised FROM users AS u
      WHERE u.erased_at IS NOT NULL AND u.user_id IN (
        SELECT user_id FROM members WHERE conversation_id = ${conversationId}
        UNION SELECT target_id FROM moderation_log WHERE conversation_id = ${conversationId})`,
  ]);
  return rows.map((row) => {
    // Where nobody knows any more which way it was, nothing of them stays.
    const messages: ErasedMessages = row.is_anonymised === 1 ? "anonymise" : "erase";
    return { user_id: String(row.user_id), messages, profile_version: Number(row.version) };
  });
}

/** Lets everything be carried out again that the app's moderators have decided about messages of a conversation since a time. */
export async function decideAgain(db: Directory, conversationId: string, since: EpochMs): Promise<void> {
  const about = sql`conversation_id = ${conversationId} AND target_type = 'message'`;
  await runBatch(db, [
    sql`UPDATE moderation_items SET is_applied = 0 WHERE ${about} AND status = 'done' AND decided_at >= ${since}
      AND action NOT IN ('dismiss', 'restore')`,
    sql`UPDATE moderation_items SET withholding = 'wanted' WHERE ${about} AND status = 'open' AND withholding = 'done'`,
  ]);
}

/** Jobs that have deleted, since a time, what banned people had said: those of people who are or were in a conversation. */
export async function purgesSince(
  db: Directory,
  conversationId: string,
  since: EpochMs,
): Promise<{ subject: string; updated_at: EpochMs }[]> {
  const [rows = []] = await runBatch(db, [
    sql`SELECT subject, updated_at FROM jobs
      WHERE kind = 'delete_messages' AND status <> 'failed' AND updated_at >= ${since}
        AND substr(subject, 1, 36) IN (SELECT user_id FROM members WHERE conversation_id = ${conversationId})
      ORDER BY created_at`,
  ]);
  return rows as unknown as { subject: string; updated_at: EpochMs }[];
}
