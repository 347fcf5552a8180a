/** Takes a person out of the directory (rule 28). Every step may be repeated. */
import type { ErasedMessages, ReportSnapshot } from "@rocket-chat-api/protocol";
import { and, eq, isNull, sql } from "drizzle-orm";
import { asInJson, type ErasureOrder, erasedProfile, erasureSubject } from "../domain/erased-person.ts";
import { eraseFromSnapshot } from "../domain/erased-snapshot.ts";
import { UNKNOWN_CLAIMS } from "../domain/profile.ts";
import type { EpochMs } from "../domain/time.ts";
import { type Directory, runBatch } from "./database.ts";
import { type UserRow, users } from "./schema.ts";
import { findUser, freeUsername } from "./users.ts";

/** Snapshots of reports cleaned in one batch: each has up to half a megabyte. */
const SNAPSHOTS = 3;

/**
 * Closes the user for good: from now on nothing of them can change, and nobody finds them by name. The names themselves go at the end
 * ({@link clearUser}): until then conversations are asked for them.
 * @returns undefined if there is no such user.
 */
export async function closeUser(db: Directory, userId: string, now: EpochMs): Promise<UserRow | undefined> {
  await db
    .update(users)
    .set({
      erased_at: now,
      deactivated_at: sql`coalesce(${users.deactivated_at}, ${now})`,
      version: sql`${users.version} + 1`,
      presence: "offline",
      connected: false,
      is_untold: false,
      is_indexed: true,
    })
    .where(and(eq(users.user_id, userId), isNull(users.erased_at)));
  await runBatch(db, [sql`DELETE FROM user_names WHERE user_id = ${userId}`]);
  return await findUser(db, userId);
}

/** Deletes what is only about this person. */
export async function clearRowsOf(db: Directory, { user_id, messages }: ErasureOrder): Promise<void> {
  const directPairs = sql`(SELECT min(mine.user_id, theirs.user_id) || ':' || max(mine.user_id, theirs.user_id)
    FROM members AS mine
    JOIN conversations AS c ON c.conversation_id = mine.conversation_id AND c.type = 'direct'
    JOIN members AS theirs ON theirs.conversation_id = mine.conversation_id AND theirs.user_id <> mine.user_id
    WHERE mine.user_id = ${user_id})`;
  await runBatch(db, [
    sql`DELETE FROM user_names WHERE user_id = ${user_id}`,
    sql`DELETE FROM preferences WHERE user_id = ${user_id}`,
    sql`DELETE FROM hidden WHERE user_id = ${user_id}`,
    sql`DELETE FROM upload_quotas WHERE user_id = ${user_id}`,
    sql`DELETE FROM device_tokens WHERE user_id = ${user_id}`,
    sql`DELETE FROM blocks WHERE blocker_id = ${user_id}`,
    sql`DELETE FROM moderation_notices WHERE user_id = ${user_id}`,
    sql`DELETE FROM direct_pairs WHERE pair IN ${directPairs}`,
    // That they have reported, and been reported, stays; what was written about it does not.
    sql`UPDATE reports SET comment = NULL WHERE reporter_id = ${user_id}`,
    sql`UPDATE moderation_items SET note = NULL WHERE user_id = ${user_id}`,
    sql`UPDATE moderation_log SET reason = NULL, details = '{}' WHERE target_id = ${user_id}`,
    ...(messages === "erase"
      ? [sql`UPDATE moderation_log SET reason = NULL WHERE actor_id = ${user_id}`]
      : []),
  ]);
}

/** Takes the person out of some of the snapshots of reports. @returns where to go on; null at the end. */
export async function clearSnapshots(
  db: Directory,
  order: ErasureOrder,
  after: number,
): Promise<number | null> {
  // The name may stand where the id does not: in the name of a group.
  const words = [order.user_id, ...order.names.map(asInJson)];
  const isAbout = sql.join(
    words.map((word) => sql`instr(snapshot, ${word}) > 0`),
    sql` OR `,
  );
  const [rows = []] = await runBatch(db, [
    sql`SELECT id, snapshot FROM report_snapshots WHERE id > ${after} AND (${isAbout}) ORDER BY id LIMIT ${SNAPSHOTS}`,
  ]);
  const cleaned = rows.map((row) => {
    const snapshot = eraseFromSnapshot(JSON.parse(String(row.snapshot)) as ReportSnapshot, order);
    return sql`UPDATE report_snapshots SET snapshot = ${JSON.stringify(snapshot)} WHERE id = ${Number(row.id)}`;
  });
  if (cleaned.length > 0) await runBatch(db, cleaned);
  return rows.length < SNAPSHOTS ? null : Number(rows.at(-1)?.id);
}

/** The last step: what is left of the user is an id, and when it was erased. */
export async function clearUser(db: Directory, userId: string): Promise<void> {
  const { username, display_name, profile_photo_url } = erasedProfile(userId);
  await db
    .update(users)
    .set({
      // Another user may be called so.
      username: freeUsername({ username, user_id: userId }),
      ...{ display_name, profile_photo_url },
      external_id: null,
      search_name: "",
      claims: "[]",
      claims_issued_at: 0,
      last_seen_at: null,
      set_by_server: "",
      metadata: null,
      ban_reason: null,
    })
    .where(eq(users.user_id, userId));
}

/**
 * Starts the erasure again of a user whom the directory has back, because it was put back to a time before. A profile that is clean
 * already starts nothing.
 * @param messages what became of them; undefined if an older release has not noted it: then what is shown stays.
 */
export async function eraseAgain(
  db: Directory,
  userId: string,
  messages: ErasedMessages = "anonymise",
  now: EpochMs,
): Promise<void> {
  const subjects = JSON.stringify([erasureSubject(userId, "erase"), erasureSubject(userId, "anonymise")]);
  await runBatch(db, [
    sql`INSERT INTO jobs (job_id, kind, subject, status, progress, created_at, updated_at)
      SELECT ${crypto.randomUUID()}, 'erase_user', ${erasureSubject(userId, messages)}, 'running', 0, ${now}, 0
      FROM users WHERE user_id = ${userId}
        AND (username <> ${erasedProfile(userId).username} OR external_id IS NOT NULL OR search_name <> ''
          OR claims NOT IN ('[]', ${UNKNOWN_CLAIMS}) OR metadata IS NOT NULL OR ban_reason IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM jobs WHERE status = 'running' AND kind = 'erase_user'
          AND subject IN (SELECT value FROM json_each(${subjects})))`,
  ]);
}

/** The next conversation where the person is or was a member, or was banned, and how far that is. */
export async function nextConversation(
  db: Directory,
  userId: string,
  after: string,
): Promise<{ conversation_id: string; progress: number } | undefined> {
  const theirs = sql`SELECT conversation_id FROM members WHERE user_id = ${userId}
    UNION SELECT conversation_id FROM moderation_log WHERE target_id = ${userId} AND conversation_id IS NOT NULL`;
  const [[row] = []] = await runBatch(db, [
    sql`SELECT min(conversation_id) FILTER (WHERE conversation_id > ${after}) AS next, count(*) AS total,
      count(*) FILTER (WHERE conversation_id <= ${after}) AS done FROM (${theirs})`,
  ]);
  if (!row || row.next === null) return undefined;
  return { conversation_id: String(row.next), progress: Number(row.done) / Number(row.total) };
}

/** Whom the person shares, or shared, a conversation with. */
const companionsOf = (userId: string) => sql`SELECT DISTINCT theirs.user_id AS user_id FROM members AS mine
  JOIN members AS theirs ON theirs.conversation_id = mine.conversation_id AND theirs.user_id <> mine.user_id
  WHERE mine.user_id = ${userId}`;

/** Some of them, in the order of their ids. */
export async function nextCompanions(
  db: Directory,
  userId: string,
  after: string,
  limit: number,
): Promise<string[]> {
  const [rows = []] = await runBatch(db, [
    sql`${companionsOf(userId)} AND theirs.user_id > ${after} ORDER BY theirs.user_id LIMIT ${limit}`,
  ]);
  return rows.map(({ user_id }) => String(user_id));
}

/** Those among some users. */
export async function sharingWith(
  db: Directory,
  userId: string,
  among: readonly string[],
): Promise<string[]> {
  const [rows = []] = await runBatch(db, [
    sql`${companionsOf(userId)} AND theirs.user_id IN (SELECT value FROM json_each(${JSON.stringify(among)}))`,
  ]);
  return rows.map(({ user_id }) => String(user_id));
}
