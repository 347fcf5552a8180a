/** Privacy settings of users, and what they mean between two people (rule 29). */
import type { Privacy, UpdatePrivacy } from "@rocket-chat-api/protocol";
import { eq, type SQL, sql } from "drizzle-orm";
import { type Directory, runBatch } from "./database.ts";
import { type UserRow, users } from "./schema.ts";

/** A user's privacy settings. */
export function toPrivacy(row: UserRow): Privacy {
  const { who_can_message, who_can_add, read_receipts, shows_last_seen } = row;
  return { who_can_message, who_can_add, read_receipts, last_seen: shows_last_seen };
}

/**
 * Changes a user's own privacy settings. If conversations have copies of what changes, the profile gets a new version and has
 * to be announced (`is_untold`). @returns undefined if there is no such user.
 */
export async function updatePrivacy(
  db: Directory,
  userId: string,
  { last_seen, ...patch }: UpdatePrivacy,
): Promise<UserRow | undefined> {
  const given = Object.entries({ ...patch, shows_last_seen: last_seen }).filter(
    ([, value]) => value !== undefined,
  );
  const isCopied = given.some(([name]) => name !== "who_can_add");
  const [row] = await db
    .update(users)
    .set({
      ...Object.fromEntries(given),
      // The names have not changed, so they stay indexed.
      ...(isCopied ? { version: sql`${users.version} + 1`, is_untold: true } : {}),
    })
    .where(eq(users.user_id, userId))
    .returning();
  return row;
}

/** In SQL: whether a row of `members` keeps its member apart from the others (`isKeptApart` of domain/message-request.ts). */
export const keptApart = sql.raw("IN ('pending', 'declined')");

/** In SQL: the key of a pair; see pairs.ts. */
function pairOf(one: SQL, other: SQL): SQL {
  return sql`min(${one}, ${other}) || ':' || max(${one}, ${other})`;
}

/** In SQL: whether two users have a direct chat in which both are, and in which one has accepted the other. */
export function isAcceptedBy(person: SQL, stranger: SQL): SQL {
  return sql`EXISTS (SELECT 1 FROM direct_pairs AS d
    JOIN members AS x ON x.conversation_id = d.conversation_id AND x.user_id = ${person}
    WHERE d.pair = ${pairOf(person, stranger)} AND coalesce(x.request, '') NOT ${keptApart})`;
}

/** In SQL: whether two users are contacts: both have accepted their direct chat. */
function areContacts(one: SQL, other: SQL): SQL {
  return sql`(SELECT count(*) FROM direct_pairs AS d
    JOIN members AS x ON x.conversation_id = d.conversation_id
    WHERE d.pair = ${pairOf(one, other)} AND x.request IS NULL) = 2`;
}

/**
 * The people among these who do not accept that a user adds them to a group.
 * @param leavers those of them who have left that group by themselves: only a contact of theirs may bring them back.
 */
export async function whoRefusesAdding(
  db: Directory,
  userId: string,
  userIds: readonly string[],
  leavers: readonly string[] = [],
): Promise<string[]> {
  if (userIds.length === 0) return [];
  const contact = areContacts(sql`u.user_id`, sql`${userId}`);
  const isLeaver = sql`u.user_id IN (SELECT value FROM json_each(${JSON.stringify(leavers)}))`;
  const [rows = []] = await runBatch(db, [
    sql`SELECT u.user_id FROM json_each(${JSON.stringify(userIds)}) AS wanted
      CROSS JOIN users AS u ON u.user_id = wanted.value
      WHERE u.who_can_add = 'nobody' OR ((u.who_can_add = 'contacts' OR ${isLeaver}) AND NOT ${contact})
      ORDER BY wanted.key`,
  ]);
  return rows.map((row) => String(row.user_id));
}

/** Groups of a user that are searched for another user, at most. */
const LOOKED_THROUGH = 500;

/** Whether two users are in the same group. */
export async function shareGroup(db: Directory, one: string, other: string): Promise<boolean> {
  const [rows = []] = await runBatch(db, [
    sql`SELECT 1 FROM (
        SELECT conversation_id FROM members WHERE user_id = ${one} AND left_seq IS NULL LIMIT ${LOOKED_THROUGH}) AS theirs
      CROSS JOIN members AS mine ON mine.conversation_id = theirs.conversation_id
        AND mine.user_id = ${other} AND mine.left_seq IS NULL
      CROSS JOIN conversations AS c ON c.conversation_id = theirs.conversation_id AND c.type = 'group'
      LIMIT 1`,
  ]);
  return rows.length > 0;
}
