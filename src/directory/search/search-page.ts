/** The statement of a search: one page of what the index finds, newest first, and how much there is. */

import { DEFAULT_MAX_MESSAGE_LENGTH, MAX_SEARCH_TOTAL, type SearchQuery } from "@rocket-chat-api/protocol";
import { type SQL, sql } from "drizzle-orm";
import type { EpochMs } from "../../domain/time.ts";
import { matchesWithin } from "./search-index.ts";
import type { Phrase } from "./text.ts";

/** A row as SQLite returns it: how much there is, with a result unless the page is empty. */
export interface FoundRow {
  total: number;
  /** Whether all were counted. */
  is_exact: number;
  /** Results of this page and one more, if there is one; some may be left out, for a page is not too long. */
  on_page: number;
  /** Where looking stopped: what is older waits for the next page. Null if all was looked through. */
  stop_created_at: number | null;
  stop_conversation_id: string | null;
  stop_seq: number | null;
  conversation_id: string | null;
  seq: number;
  content: string;
  created_at: number;
  conversation_name: string | null;
  sender_username: string | null;
}

/** Entries of the index that one page looks through in each conversation, whether or not they pass its filters. */
export const MAX_SCANNED = 400;

/** Characters of messages on one page: a page of 20 has room for the longest. Then it ends, and the next goes on. */
const MAX_PAGE_CHARACTERS = 20 * DEFAULT_MAX_MESSAGE_LENGTH;

/** With so few conversations each gives enough to count all hits at once. */
const FEW = 5;

/** Above every id of a message. */
const NO_BOUND = sql.raw("9223372036854775807");
/** Half of the numbers that the messages of a conversation can have. */
const FIRST_STEP = sql.raw(String(2 ** 36));

/**
 * The id of the last message before a time in the conversation of `m`; 0 if there is none. Neither times nor ids go
 * back within a conversation, so its place is found by halving.
 */
function lastBefore(time: EpochMs): SQL {
  return sql`coalesce((
    WITH RECURSIVE halving (place, step) AS (
      SELECT 0, ${FIRST_STEP} UNION ALL
      SELECT place + step * (coalesce((SELECT created_at FROM messages
        WHERE conversation_id = m.conversation_id AND seq <= place + step ORDER BY seq DESC LIMIT 1), 0) < ${time}), step / 2
      FROM halving WHERE step > 0)
    SELECT id FROM messages
    WHERE conversation_id = m.conversation_id AND seq <= (SELECT place FROM halving WHERE step = 0)
    ORDER BY seq DESC LIMIT 1), 0)`;
}

/** The id of the last message from before a membership, of which its member finds nothing. */
const lastBeforeJoining = sql`coalesce((SELECT id FROM messages
  WHERE conversation_id = m.conversation_id AND seq < m.joined_seq ORDER BY seq DESC LIMIT 1), 0)`;

/** Between which ids a search looks in the conversation of `m`, so that it reads nothing that cannot be a result. */
function bounds({ before, after, cursor }: SearchQuery): { above: SQL; up_to: SQL; page_up_to: SQL } {
  const upTo = (time: EpochMs | undefined) => (time === undefined ? NO_BOUND : lastBefore(time));
  const shown = cursor && Math.min(cursor.created_at + 1, before ?? Number.POSITIVE_INFINITY);
  return {
    above: after === undefined ? lastBeforeJoining : sql`max(${lastBeforeJoining}, ${lastBefore(after + 1)})`,
    up_to: upTo(before),
    page_up_to: upTo(shown ?? before),
  };
}

/** Entries of the index, newest first. @param upTo a column of `m`. */
function scanned(phrases: readonly Phrase[], upTo: SQL): SQL {
  return sql`SELECT rowid AS id FROM search_index
    WHERE ${matchesWithin(sql`m.conversation_id`, phrases)} AND rowid > m.above AND rowid <= ${upTo}
    ORDER BY rowid DESC LIMIT ${MAX_SCANNED}`;
}

function passes({ sender_id }: SearchQuery, now: EpochMs): SQL {
  return sql`x.conversation_id = m.conversation_id AND x.deleted_at IS NULL
    AND (x.expires_at IS NULL OR x.expires_at > ${now})
    AND NOT EXISTS (SELECT 1 FROM hidden AS h
      WHERE h.user_id = m.user_id AND h.conversation_id = x.conversation_id AND h.seq = x.seq)
    ${sender_id === undefined ? sql`` : sql`AND x.sender_id = ${sender_id}`}`;
}

/** Whether much of what the index gives of `m` may not pass: without it, there is no need to look how much that was. */
function isSieved({ sender_id }: SearchQuery): SQL {
  return sender_id === undefined
    ? sql`EXISTS (SELECT 1 FROM hidden AS h WHERE h.user_id = m.user_id AND h.conversation_id = m.conversation_id)`
    : sql`1`;
}

/** A list of as many ids, as JSON: a subquery in FROM cannot see `m`, but one in a function can. */
function ids(entries: SQL, condition: SQL, limit: number | SQL): SQL {
  return sql`(SELECT json_group_array(id) FROM (
    SELECT x.id FROM (${entries}) AS entry CROSS JOIN messages AS x ON x.id = entry.id
    WHERE ${condition} LIMIT ${limit}))`;
}

/** The name that a conversation goes by: its own, or the other person's. */
function nameFor(userId: string): SQL {
  return sql`coalesce(c.name, (
    SELECT u.display_name FROM members AS other JOIN users AS u ON u.user_id = other.user_id
    WHERE c.type = 'direct' AND other.conversation_id = c.conversation_id AND other.user_id <> ${userId}))`;
}

/** Newest first. Times are milliseconds of several conversations' clocks; within one, `seq` decides between equals. */
const newestFirst = sql.raw("created_at DESC, conversation_id DESC, seq DESC");

/**
 * Each conversation gives as many of its newest hits as a page has, for the index is read from its end, and messages
 * stand there as they were said; the page is the newest of those. So a word that everybody uses costs no more than any
 * other. For the same reason the hits are counted up to a limit only, and anew only if what was given is neither all nor
 * enough. Where filters leave out most of the hits, a conversation is looked through so far and no further: the page then
 * ends at the newest place at which that happened.
 */
export function pageStatement(
  userId: string,
  query: SearchQuery,
  phrases: readonly Phrase[],
  now: EpochMs,
): SQL {
  const { cursor, limit, conversation_id } = query;
  const { above, up_to, page_up_to } = bounds(query);
  const within = conversation_id === undefined ? sql`` : sql`AND m.conversation_id = ${conversation_id}`;
  const condition = passes(query, now);
  const place = cursor && sql`(${cursor.created_at}, ${cursor.conversation_id}, ${cursor.seq})`;
  const onPage = place
    ? sql`${condition} AND (x.created_at, x.conversation_id, x.seq) < ${place}`
    : condition;
  const entries = scanned(phrases, sql`m.page_up_to`);
  const most = sql`(SELECT CASE WHEN count(*) <= ${FEW} THEN ${Math.max(limit, MAX_SEARCH_TOTAL) + 1} ELSE ${limit + 1} END
    FROM mine)`;
  const all = scanned(phrases, sql`m.up_to`);
  const sieved = isSieved(query);
  return sql`
    WITH mine AS MATERIALIZED (
      SELECT m.conversation_id, m.user_id, ${above} AS above, ${up_to} AS up_to, ${page_up_to} AS page_up_to
      FROM members AS m WHERE m.user_id = ${userId} AND m.left_seq IS NULL ${within}),
    looked AS MATERIALIZED (SELECT m.*, ${ids(entries, onPage, most)} AS ids FROM mine AS m),
    hits AS MATERIALIZED (SELECT hit.value AS id, hit.key AS nth FROM looked CROSS JOIN json_each(looked.ids) AS hit),
    stop AS MATERIALIZED (
      SELECT created_at, conversation_id, seq FROM messages WHERE id IN (
        SELECT (SELECT min(id) FROM (${entries}) HAVING count(*) = ${MAX_SCANNED})
        FROM looked AS m WHERE json_array_length(ids) <= ${limit} AND ${sieved})
      ORDER BY ${newestFirst} LIMIT 1),
    listed AS MATERIALIZED (
      SELECT *, sum(length(content)) OVER (
        ORDER BY ${newestFirst} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
      FROM (SELECT messages.* FROM hits CROSS JOIN messages ON messages.id = hits.id
        WHERE hits.nth <= ${limit} AND (NOT EXISTS (SELECT 1 FROM stop)
          OR (created_at, conversation_id, seq) >= (SELECT created_at, conversation_id, seq FROM stop))
        ORDER BY ${newestFirst} LIMIT ${limit + 1})),
    page AS (SELECT * FROM listed WHERE coalesce(before, 0) < ${MAX_PAGE_CHARACTERS}),
    given AS MATERIALIZED (SELECT count(*) AS total, ${cursor === undefined}
      AND (count(*) > ${MAX_SEARCH_TOTAL} OR coalesce(max(nth), 0) + 1 < ${most}) AS is_all FROM hits),
    counted AS MATERIALIZED (SELECT CASE WHEN given.is_all THEN given.total
      ELSE (SELECT count(*) FROM (SELECT 1 FROM mine AS m CROSS JOIN json_each(
        ${ids(all, condition, MAX_SEARCH_TOTAL + 1)}) LIMIT ${MAX_SEARCH_TOTAL + 1})) END AS total FROM given),
    exact AS MATERIALIZED (SELECT CASE
      WHEN counted.total > ${MAX_SEARCH_TOTAL} OR EXISTS (SELECT 1 FROM stop) THEN 0
      WHEN ${cursor === undefined} AND NOT EXISTS (SELECT 1 FROM hits WHERE nth = ${limit}) THEN 1
      ELSE NOT EXISTS (SELECT 1 FROM mine AS m WHERE ${sieved} AND (SELECT count(*) FROM (${all})) = ${MAX_SCANNED})
      END AS is_exact FROM counted)
    SELECT counted.total, exact.is_exact, (SELECT count(*) FROM listed) AS on_page, stop.created_at AS stop_created_at, stop.conversation_id AS stop_conversation_id,
      stop.seq AS stop_seq, page.conversation_id, page.seq, page.content, page.created_at,
      ${nameFor(userId)} AS conversation_name,
      (SELECT username FROM users WHERE user_id = page.sender_id) AS sender_username
    FROM counted CROSS JOIN exact LEFT JOIN stop ON true LEFT JOIN page ON true
    LEFT JOIN conversations AS c ON c.conversation_id = page.conversation_id
    ORDER BY page.created_at DESC, page.conversation_id DESC, page.seq DESC`;
}
