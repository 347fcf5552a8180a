/** The SQL of a search: one page of matches, newest first, and their number. */

import { DEFAULT_MAX_MESSAGE_LENGTH, MAX_SEARCH_TOTAL, type SearchQuery } from "@rocket-chat-api/protocol";
import { type SQL, sql } from "drizzle-orm";
import type { EpochMs } from "../../domain/time.ts";
import type { Phrase } from "../../domain/tokens.ts";
import { hasBlocked } from "../blocks.ts";
import { matchesWithin } from "./search-index.ts";

/** A row as SQLite returns it: the totals, with a result unless the page is empty. */
export interface FoundRow {
  total: number;
  /** Whether all matches were counted. */
  is_exact: number;
  /** Results of this page, plus one if there are more. Some may be left out, because a page has a maximum length. */
  on_page: number;
  /** Where the search stopped; older messages are on the next page. Null if everything was searched. */
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

/** Index entries that one page reads in each conversation, whether or not they pass the filters. */
export const MAX_SCANNED = 400;

/** Maximum characters of messages on one page, enough for 20 of the longest. Then the page ends. */
const MAX_PAGE_CHARACTERS = 20 * DEFAULT_MAX_MESSAGE_LENGTH;

/** With up to this many conversations, each returns enough matches to count them all at once. */
const FEW = 5;

/** Greater than every message id. */
const NO_BOUND = sql.raw("9223372036854775807");
/** Half of the possible numbers of messages in a conversation. */
const FIRST_STEP = sql.raw(String(2 ** 36));

/**
 * The id of the last message before a time in the conversation of `m`; 0 if there is none. Times and ids never decrease
 * within a conversation, so a binary search finds it.
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

/** The id of the last message before a membership. Its member does not find that or older ones. */
const lastBeforeJoining = sql`coalesce((SELECT id FROM messages
  WHERE conversation_id = m.conversation_id AND seq < coalesce(m.visible_from, m.joined_seq) ORDER BY seq DESC LIMIT 1), 0)`;

/** The range of ids to search in the conversation of `m`. */
function bounds({ before, after, cursor }: SearchQuery): { above: SQL; up_to: SQL; page_up_to: SQL } {
  const upTo = (time: EpochMs | undefined) => (time === undefined ? NO_BOUND : lastBefore(time));
  const shown = cursor && Math.min(cursor.created_at + 1, before ?? Number.POSITIVE_INFINITY);
  return {
    above: after === undefined ? lastBeforeJoining : sql`max(${lastBeforeJoining}, ${lastBefore(after + 1)})`,
    up_to: upTo(before),
    page_up_to: upTo(shown ?? before),
  };
}

/** Index entries, newest first. @param upTo a column of `m`. */
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
    AND NOT (${hasBlocked(sql`m.user_id`, sql`x.sender_id`)} AND
      (SELECT type FROM conversations WHERE conversation_id = x.conversation_id) = 'group')
    ${sender_id === undefined ? sql`` : sql`AND x.sender_id = ${sender_id}`}`;
}

/** Whether many index entries of `m` may fail the filters. Otherwise it is not checked how many were read. */
function isSieved(userId: string, { sender_id }: SearchQuery): SQL {
  return sender_id === undefined
    ? sql`(EXISTS (SELECT 1 FROM hidden AS h WHERE h.user_id = m.user_id AND h.conversation_id = m.conversation_id)
        OR EXISTS (SELECT 1 FROM blocks WHERE blocker_id = ${userId} AND is_blocked = 1))`
    : sql`1`;
}

/** A list of ids as JSON. A subquery in FROM cannot refer to `m`, but one in a function can. */
function ids(entries: SQL, condition: SQL, limit: number | SQL): SQL {
  return sql`(SELECT json_group_array(id) FROM (
    SELECT x.id FROM (${entries}) AS entry CROSS JOIN messages AS x ON x.id = entry.id
    WHERE ${condition} LIMIT ${limit}))`;
}

/** The name of a conversation: its own, or the other user's. */
function nameFor(userId: string): SQL {
  return sql`coalesce(c.name, (
    SELECT u.display_name FROM members AS other JOIN users AS u ON u.user_id = other.user_id
    WHERE c.type = 'direct' AND other.conversation_id = c.conversation_id AND other.user_id <> ${userId}))`;
}

/** Newest first. Times come from the clocks of several conversations. Within one, `seq` decides between equal times. */
const newestFirst = sql.raw("created_at DESC, conversation_id DESC, seq DESC");

/**
 * Each conversation returns as many of its newest matches as a page has; the page is the newest of those. The index is
 * read from its end, where the newest messages are, so a common word costs no more than a rare one. Matches are
 * therefore counted only up to a limit, and a second time only if the first count was neither complete nor enough. If
 * filters exclude most matches, a conversation is read up to a limit. The page then ends at the newest place where that
 * happened.
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
  const sieved = isSieved(userId, query);
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
