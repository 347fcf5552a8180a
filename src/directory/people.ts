/** User search. `user_names` has the searchable texts in the order of the results. */

import { codePoints, isUnspacedLetter } from "@rocket-chat-api/protocol";
import { eq, sql } from "drizzle-orm";
import { hasBlocked } from "./blocks.ts";
import { type Directory, runBatch } from "./database.ts";
import { nameWords, parsePeopleQuery, textsOf } from "./people-search.ts";
import { type UserRow, users } from "./schema.ts";

/** Candidates with the first word of a search that are checked for the other words, at most. */
const LOOKED_AT = 1_000;

/** Indexes users. A profile that changed again is left to the writer of that change. */
export async function indexNames(db: Directory, rows: readonly UserRow[]): Promise<void> {
  const entries = rows.map((row) => ({
    user_id: row.user_id,
    version: row.version,
    search_name: nameWords(row.display_name),
    texts: textsOf(row),
  }));
  const json = JSON.stringify(entries);
  // Only users whose profile has not changed since it was read.
  const current = sql`json_each(${json}) AS entry
    CROSS JOIN users AS u ON u.user_id = entry.value->>'user_id' AND u.version = entry.value->>'version'`;
  await runBatch(db, [
    sql`DELETE FROM user_names WHERE user_id IN (SELECT u.user_id FROM ${current})`,
    sql`INSERT OR IGNORE INTO user_names (text, username, user_id)
      SELECT name.value, u.username, u.user_id FROM ${current} CROSS JOIN json_each(entry.value->'texts') AS name`,
    sql`UPDATE users SET is_indexed = 1, search_name = entry.value->>'search_name' FROM json_each(${json}) AS entry
      WHERE users.user_id = entry.value->>'user_id' AND users.version = entry.value->>'version'`,
  ]);
}

/** Indexes users that have no index yet, or whose indexing failed. @returns how many. */
export async function indexSome(db: Directory, limit: number): Promise<number> {
  const rows = await db.select().from(users).where(eq(users.is_indexed, sql`0`)).limit(limit);
  if (rows.length > 0) await indexNames(db, rows);
  return rows.length;
}

/**
 * Finds users by the start of their username or of any word of their display name, in index order. For a search with
 * several words, users follow who have all words in another order or with other words between.
 * @param viewerId who searches. Users who have blocked them are not found (rule 29).
 */
export async function searchUsers(
  db: Directory,
  viewerId: string,
  q: string,
  limit: number,
): Promise<UserRow[]> {
  const { prefix, words } = parsePeopleQuery(q);
  if (codePoints(prefix) < 2 && !isUnspacedLetter(prefix)) return [];
  const [byPrefix = [], byWords = []] = await runBatch(db, [
    prefixStatement(viewerId, prefix, limit),
    ...(words.length > 1 ? [wordsStatement(viewerId, words, limit)] : []),
  ]);
  const found = [...byPrefix, ...byWords] as unknown as UserRow[];
  return [...new Map(found.map((row) => [row.user_id, row])).values()].slice(0, limit);
}

/** Reads a range of the index in order until the page is full. The first text of each user counts. */
function prefixStatement(viewerId: string, prefix: string, limit: number) {
  const end = `${prefix}\u{10FFFF}`;
  return sql`
    SELECT u.* FROM user_names AS n CROSS JOIN users AS u ON u.user_id = n.user_id
    WHERE n.text >= ${prefix} AND n.text < ${end} AND NOT EXISTS (
      SELECT 1 FROM user_names AS other
      WHERE other.user_id = n.user_id AND other.text >= ${prefix} AND other.text < n.text)
      AND NOT ${hasBlocked(sql`n.user_id`, viewerId)}
    ORDER BY n.text, n.username, n.user_id LIMIT ${limit}`;
}

/** Starts with the longest word, which has the fewest matches. Checks a limited number of them. */
function wordsStatement(viewerId: string, [lead = "", ...others]: string[], limit: number) {
  return sql`
    SELECT u.* FROM (
      SELECT user_id FROM user_names WHERE text >= ${lead} AND text < ${`${lead}\u{10FFFF}`}
      ORDER BY text, username, user_id LIMIT ${LOOKED_AT}) AS n
    CROSS JOIN users AS u ON u.user_id = n.user_id
    WHERE NOT EXISTS (SELECT 1 FROM json_each(${JSON.stringify(others)}) AS word
      WHERE instr(' ' || u.search_name, ' ' || word.value) = 0) AND NOT ${hasBlocked(sql`u.user_id`, viewerId)}
    LIMIT ${limit}`;
}
