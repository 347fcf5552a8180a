/** Search in messages: in one's own conversations, for the time of one's membership. */
import { type SQL, sql } from "drizzle-orm";
import { highlight } from "../domain/highlight.ts";
import { fitting } from "../domain/page-bytes.ts";
import { type Phrase, parseSearch } from "../domain/search-text.ts";
import {
  MAX_PAGE_BYTES,
  MAX_SEARCH_TOTAL,
  messageId,
  type SearchQuery,
  type SearchResult,
  type SearchResults,
  searchCursor,
  timestamp,
} from "../protocol/index.ts";
import { type Directory, runBatch } from "./database.ts";
import { matchesWithin } from "./search-index.ts";

/** A row as SQLite returns it: the total, with a result unless the page is empty. */
interface FoundRow {
  total: number;
  conversation_id: string | null;
  seq: number;
  content: string;
  created_at: number;
  conversation_name: string | null;
  sender_username: string | null;
}

/** Newest first. Times are milliseconds of several conversations' clocks; within one, `seq` decides between equals. */
const newestFirst = sql.raw("page.created_at DESC, page.conversation_id DESC, page.seq DESC");

/** One page of what a user finds, newest first. */
export async function searchMessages(
  db: Directory,
  userId: string,
  query: SearchQuery,
  now: number,
): Promise<SearchResults> {
  const phrases = parseSearch(query.q);
  if (phrases.length === 0) return { results: [], total: 0, total_is_exact: true, next_cursor: null };
  const [rows] = await runBatch(db, [pageStatement(userId, query, phrases, now)]);
  const found = (rows ?? []) as unknown as FoundRow[];
  const counted = found[0]?.total ?? 0;
  const results = found.flatMap((row) => toResult(row, phrases) ?? []);
  const page = fitting(results.slice(0, query.limit), MAX_PAGE_BYTES);
  const last = page.at(-1);
  return {
    results: page,
    total: Math.min(counted, MAX_SEARCH_TOTAL),
    total_is_exact: counted <= MAX_SEARCH_TOTAL,
    next_cursor: last && results.length > page.length ? searchCursor(last) : null,
  };
}

/**
 * Each conversation gives as many of its newest hits as a page has, for the index is read from its end, and messages
 * stand there as they were said; the page is the newest of those. So a word that everybody uses costs no more than any
 * other. For the same reason the hits are counted up to a limit only, and anew only if a conversation may have more than
 * it gave. `CROSS JOIN` fixes the order: the user's conversations, in each the index, and for each hit the message.
 */
function pageStatement(userId: string, query: SearchQuery, phrases: readonly Phrase[], now: number): SQL {
  const { cursor, limit } = query;
  const place = cursor && sql`(${cursor.created_at}, ${cursor.conversation_id}, ${cursor.seq})`;
  const before = place ? sql`AND (x.created_at, x.conversation_id, x.seq) < ${place}` : sql``;
  const within =
    query.conversation_id === undefined ? sql`` : sql`AND m.conversation_id = ${query.conversation_id}`;
  const mine = sql`m.user_id = ${userId} AND m.left_seq IS NULL ${within}`;
  const found = sql`${matchesWithin(sql`m.conversation_id`, phrases)} AND x.id = search_index.rowid
    AND x.conversation_id = m.conversation_id AND x.seq >= m.joined_seq AND x.deleted_at IS NULL
    AND (x.expires_at IS NULL OR x.expires_at > ${now})
    AND NOT EXISTS (SELECT 1 FROM hidden AS h
      WHERE h.user_id = m.user_id AND h.conversation_id = x.conversation_id AND h.seq = x.seq)
    ${filters(query)}`;
  return sql`
    WITH hits AS MATERIALIZED (
      SELECT hit.value AS id, hit.key AS nth FROM members AS m CROSS JOIN json_each((
        SELECT json_group_array(id) FROM (
          SELECT x.id FROM search_index CROSS JOIN messages AS x WHERE ${found} ${before}
          ORDER BY search_index.rowid DESC LIMIT ${limit + 1}))) AS hit
      WHERE ${mine}),
    page AS (
      SELECT page.* FROM hits CROSS JOIN messages AS page ON page.id = hits.id ORDER BY ${newestFirst} LIMIT ${limit + 1}),
    counted AS MATERIALIZED (SELECT CASE
      WHEN ${cursor === undefined} AND NOT EXISTS (SELECT 1 FROM hits WHERE nth = ${limit})
      THEN (SELECT count(*) FROM hits)
      ELSE (SELECT count(*) FROM (
        SELECT 1 FROM members AS m CROSS JOIN search_index CROSS JOIN messages AS x
        WHERE ${mine} AND ${found} LIMIT ${MAX_SEARCH_TOTAL + 1})) END AS total)
    SELECT counted.total, page.conversation_id, page.seq, page.content, page.created_at,
      ${nameFor(userId)} AS conversation_name,
      (SELECT username FROM users WHERE user_id = page.sender_id) AS sender_username
    FROM counted LEFT JOIN page ON true
    LEFT JOIN conversations AS c ON c.conversation_id = page.conversation_id
    ORDER BY ${newestFirst}`;
}

function filters(query: SearchQuery): SQL {
  const { sender_id, before, after } = query;
  return sql.join([
    sender_id === undefined ? sql`` : sql` AND x.sender_id = ${sender_id}`,
    before === undefined ? sql`` : sql` AND x.created_at < ${before}`,
    after === undefined ? sql`` : sql` AND x.created_at > ${after}`,
  ]);
}

/** The name that a conversation goes by: its own, or the other person's. */
function nameFor(userId: string): SQL {
  return sql`coalesce(c.name, (
    SELECT u.display_name FROM members AS other JOIN users AS u ON u.user_id = other.user_id
    WHERE c.type = 'direct' AND other.conversation_id = c.conversation_id AND other.user_id <> ${userId}))`;
}

function toResult(row: FoundRow, phrases: readonly Phrase[]): SearchResult | undefined {
  if (row.conversation_id === null) return undefined;
  return {
    message_id: messageId(row.conversation_id, row.seq),
    conversation_id: row.conversation_id,
    conversation_name: row.conversation_name ?? "",
    sender_username: row.sender_username ?? "",
    content: row.content,
    created_at: timestamp(row.created_at),
    highlight: highlight(row.content, phrases),
  };
}
