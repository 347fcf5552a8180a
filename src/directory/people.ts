/** Finding people: `user_names` holds what they are found by, in the order of the answer. */

import { codePoints, isUnspacedLetter } from "@rocket-chat-api/protocol";
import { eq, sql } from "drizzle-orm";
import { type Directory, runBatch } from "./database.ts";
import { nameWords, parsePeopleQuery, textsOf } from "./people-search.ts";
import { type UserRow, users } from "./schema.ts";

/** Users who have the first word of a search and are looked at for the others, at most. */
const LOOKED_AT = 1_000;

/** Writes what users are found by. A profile that has changed again is left to who has changed it. */
export async function indexNames(db: Directory, rows: readonly UserRow[]): Promise<void> {
  const entries = rows.map((row) => ({
    user_id: row.user_id,
    version: row.version,
    search_name: nameWords(row.display_name),
    texts: textsOf(row),
  }));
  const json = JSON.stringify(entries);
  // Only of users whose profile is still the one that was read.
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

/** Indexes users who are not: those from before there was an index, and those whose indexing failed. @returns how many. */
export async function indexSome(db: Directory, limit: number): Promise<number> {
  const rows = await db.select().from(users).where(eq(users.is_indexed, sql`0`)).limit(limit);
  if (rows.length > 0) await indexNames(db, rows);
  return rows.length;
}

/**
 * Users by the beginning of their username, or of any word of their display name, in the order of the index. If the
 * search has several words, those follow who have all of them in another order or with others between.
 */
export async function searchUsers(db: Directory, q: string, limit: number): Promise<UserRow[]> {
  const { prefix, words } = parsePeopleQuery(q);
  if (codePoints(prefix) < 2 && !isUnspacedLetter(prefix)) return [];
  const [byPrefix = [], byWords = []] = await runBatch(db, [
    prefixStatement(prefix, limit),
    ...(words.length > 1 ? [wordsStatement(words, limit)] : []),
  ]);
  const found = [...byPrefix, ...byWords] as unknown as UserRow[];
  return [...new Map(found.map((row) => [row.user_id, row])).values()].slice(0, limit);
}

/** A range of the index, read in its order until the page is full. Of a user's texts the first one counts. */
function prefixStatement(prefix: string, limit: number) {
  const end = `${prefix}\u{10FFFF}`;
  return sql`
    SELECT u.* FROM user_names AS n CROSS JOIN users AS u ON u.user_id = n.user_id
    WHERE n.text >= ${prefix} AND n.text < ${end} AND NOT EXISTS (
      SELECT 1 FROM user_names AS other
      WHERE other.user_id = n.user_id AND other.text >= ${prefix} AND other.text < n.text)
    ORDER BY n.text, n.username, n.user_id LIMIT ${limit}`;
}

/** The longest word leads, since it finds the fewest; of those some are looked at, however many have it. */
function wordsStatement([lead = "", ...others]: string[], limit: number) {
  return sql`
    SELECT u.* FROM (
      SELECT user_id FROM user_names WHERE text >= ${lead} AND text < ${`${lead}\u{10FFFF}`}
      ORDER BY text, username, user_id LIMIT ${LOOKED_AT}) AS n
    CROSS JOIN users AS u ON u.user_id = n.user_id
    WHERE NOT EXISTS (SELECT 1 FROM json_each(${JSON.stringify(others)}) AS word
      WHERE instr(' ' || u.search_name, ' ' || word.value) = 0)
    LIMIT ${limit}`;
}
