/**
 * A user's conversation list. One query, whose cost depends on the page size and not on the number of unread messages.
 */

import {
  type ConversationList,
  type ConversationListItem,
  type ConversationListQuery,
  LIST_PARTICIPANTS,
  MAX_PAGE_BYTES,
} from "@rocket-chat-api/protocol";
import { type SQL, sql } from "drizzle-orm";
import { fitting } from "../domain/page-bytes.ts";
import type { EpochMs } from "../domain/time.ts";
import { areApart, hasBlocked } from "./blocks.ts";
import { type Directory, runBatch } from "./database.ts";
import { stateOf, stateStatement } from "./epoch.ts";
import {
  beginningOf,
  decodeListCursor,
  encodeListCursor,
  joinMoved,
  type ListCursor,
  type ListPlace,
} from "./list-cursor.ts";
import { type ListRow, toListItem } from "./list-item.ts";

/** Participants shown for each conversation if the page is too large otherwise, because of very long photo URLs. */
const FEW_PARTICIPANTS = 2;

type ListQuery = Pick<ConversationListQuery, "page" | "limit" | "cursor" | "filter">;

const participantsOf = sql`(
  SELECT json_group_array(json_object('user_id', p.user_id, 'role', p.role, 'muted_until', p.muted_until, 'username', u.username,
      'display_name', u.display_name, 'profile_photo_url', u.profile_photo_url,
      'presence', iif(p.is_apart, 'offline', u.presence), 'last_seen_at', iif(p.is_apart, NULL, u.last_seen_at),
      'shows_last_seen', u.shows_last_seen, 'request', p.request))
  FROM (SELECT user_id, role, muted_until, request, ${areApart(sql`m.user_id`, sql`members.user_id`)} AS is_apart
        FROM members WHERE conversation_id = c.conversation_id AND left_seq IS NULL
        ORDER BY joined_seq, user_id LIMIT ${LIST_PARTICIPANTS}) AS p
  JOIN users AS u ON u.user_id = p.user_id)`;

const lastMessageOf = sql`(
  SELECT json_object('seq', x.seq, 'type', x.type, 'content', x.content, 'created_at', x.created_at,
      'deleted_at', x.deleted_at, 'username', (SELECT username FROM users WHERE user_id = x.sender_id))
  FROM messages AS x WHERE x.conversation_id = c.conversation_id AND x.seq >= coalesce(m.visible_from, m.joined_seq)
    AND NOT EXISTS (SELECT 1 FROM hidden AS h WHERE h.user_id = m.user_id
      AND h.conversation_id = x.conversation_id AND h.seq = x.seq)
    AND NOT (c.type = 'group' AND x.type <> 'system' AND ${hasBlocked(sql`m.user_id`, sql`x.sender_id`)})
  ORDER BY x.seq DESC LIMIT 1)`;

/**
 * Whether a conversation is in a user's list: they are a member, and have not hidden it (rule 8) since the last
 * message.
 */
export const isInList = sql.raw(
  "(m.left_seq IS NULL AND (m.hidden_seq IS NULL OR c.last_message_seq > m.hidden_seq))",
);

const pinned = sql.raw("coalesce(p.is_pinned, 0)");

/** How many messages a member has sent, of `members AS m` and `conversations AS c`: the higher number is right. */
export const sentNo = sql.raw("max(m.sent_no, coalesce(c.sent_counts ->> m.user_id, 0))");

/**
 * How many messages those have sent whom a member has blocked (rule 29), of `members AS m` and `conversations AS c`. Looked
 * up only for members who have blocked anyone there.
 */
export const blockedNo = sql.raw(`(CASE WHEN m.blocked IS NULL THEN 0 ELSE (
  SELECT coalesce(sum(max(b.sent_no, coalesce(c.sent_counts ->> b.user_id, 0))), 0)
  FROM json_each(m.blocked) AS one CROSS JOIN members AS b
    ON b.conversation_id = m.conversation_id AND b.user_id = one.value) END)`);

/** The columns of {@link ListRow}, from `members AS m`, `conversations AS c` and `preferences AS p`. */
export const listColumns = sql`c.conversation_id, c.type, c.name, c.photo_url, c.created_at, c.member_count,
  c.message_no, c.last_activity_at, m.read_no, m.read_sent_no, m.unread_deleted, m.unread_mentions,
  ${sentNo} AS sent_no, ${blockedNo} AS blocked_no, m.read_blocked_no, coalesce(p.is_muted, 0) AS is_muted, p.muted_until, ${pinned} AS is_pinned,
  coalesce(p.is_archived, 0) AS is_archived, p.push_level, m.request,
  ${participantsOf} AS participants, ${lastMessageOf} AS last_message`;

/** The tables of {@link listColumns}. */
export const listTables = sql.raw(`members AS m
  CROSS JOIN conversations AS c ON c.conversation_id = m.conversation_id
  LEFT JOIN preferences AS p ON p.user_id = m.user_id AND p.conversation_id = m.conversation_id`);

/** The order of the list: pinned first, then newest activity. */
function placeIn(isPinned: SQL): SQL {
  return sql`${isPinned} DESC, c.last_activity_at DESC, c.conversation_id DESC`;
}

/**
 * The revision that last moved a conversation in the list: that of its newest message or of the user's preferences.
 * While a conversation is projected again its messages are missing, so its own revision is used.
 */
const movedRev = sql.raw(`max(coalesce(p.rev, 0), coalesce((SELECT x.rev FROM messages AS x
  WHERE x.conversation_id = c.conversation_id AND x.seq = c.last_message_seq), c.rev))`);

/** A row of the list with the revision that moved it. */
interface PageRow extends ListRow {
  moved_rev: number;
}

/** One page of a user's conversations, pinned first, then newest activity (rule 9). */
export async function listConversations(
  db: Directory,
  userId: string,
  query: ListQuery,
  now: EpochMs,
): Promise<ConversationList> {
  const { page, limit } = query;
  const from = query.cursor === undefined ? undefined : decodeListCursor(query.cursor);
  const isDown = from?.kind !== "moved";
  const [totals = [], revisions = [], down = []] = await runBatch(db, [
    totalStatement(userId, query.filter),
    stateStatement,
    ...(isDown ? [pageStatement(userId, query.filter, from, limit, from ? 0 : (page - 1) * limit)] : []),
  ]);
  const state = stateOf(revisions) ?? { epoch: "", rev: 0 };
  const { epoch } = state;
  const answer = (rows: PageRow[], next: ListCursor | undefined): ConversationList => ({
    conversations: withFewerParticipants(rows.map((row) => toListItem(row, userId, now))),
    total: Number(totals[0]?.total ?? 0),
    page,
    has_more: next !== undefined,
    next_cursor: next ? encodeListCursor(next) : null,
  });
  const rows = down as unknown as PageRow[];
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  const begun = from === undefined ? state.rev : beginningOf(from, state);
  if (last) return answer(shown, { ...placeOf(last, begun), epoch });
  // A single page from start to end: nothing can have moved in between.
  if (from === undefined || begun === undefined) return answer(shown, undefined);
  const [moved = []] = await runBatch(db, [movedStatement(userId, query.filter, begun, limit)]);
  const end = joinMoved(shown, moved as unknown as PageRow[], limit, begun);
  return answer(end.rows, end.next && { ...end.next, epoch });
}

/**
 * Limits the bytes of a page. A conversation cannot be left out, because a numbered page could not return it later. So
 * fewer participants are shown; `participant_count` has the number.
 */
function withFewerParticipants(items: ConversationListItem[]): ConversationListItem[] {
  if (fitting(items, MAX_PAGE_BYTES).length === items.length) return items;
  return items.map((item) => ({ ...item, participants: item.participants.slice(0, FEW_PARTICIPANTS) }));
}

function placeOf(row: PageRow, begun: number | undefined): Omit<ListPlace, "epoch"> {
  return { kind: "place", pinned: row.is_pinned, at: row.last_activity_at, id: row.conversation_id, begun };
}

/** The condition of a filter of the list. */
function filtered(filter: ListQuery["filter"]): SQL {
  return filter === "requests" ? sql`AND m.request = 'pending'` : sql``;
}

function totalStatement(userId: string, filter: ListQuery["filter"]): SQL {
  return sql`SELECT count(*) AS total FROM members AS m
    WHERE m.user_id = ${userId} ${filtered(filter)} AND m.left_seq IS NULL AND (m.hidden_seq IS NULL OR m.hidden_seq <
      (SELECT last_message_seq FROM conversations WHERE conversation_id = m.conversation_id))`;
}

/** Reads the list downwards from a place. */
function pageStatement(
  userId: string,
  filter: ListQuery["filter"],
  from: ListPlace | undefined,
  limit: number,
  offset: number,
): SQL {
  // A subquery that runs once. Looking up the preferences of each conversation would be most of the cost of a long
  // list.
  const isPinned = sql`m.conversation_id IN
    (SELECT conversation_id FROM preferences WHERE user_id = ${userId} AND is_pinned = 1)`;
  const after = from
    ? sql`AND (${isPinned}, c.last_activity_at, c.conversation_id) < (${from.pinned}, ${from.at}, ${from.id})`
    : sql``;
  // Selects the page first. Otherwise the columns of all conversations are looked up before they are sorted.
  return sql`WITH page AS (
      SELECT m.conversation_id
      FROM members AS m CROSS JOIN conversations AS c ON c.conversation_id = m.conversation_id
      WHERE m.user_id = ${userId} AND ${isInList} ${filtered(filter)} ${after} ORDER BY ${placeIn(isPinned)}
      LIMIT ${limit + 1} OFFSET ${offset})
    SELECT ${listColumns}, ${movedRev} AS moved_rev
    FROM page CROSS JOIN ${listTables} WHERE m.user_id = ${userId} AND m.conversation_id = page.conversation_id
    ORDER BY ${placeIn(pinned)}`;
}

/** Conversations that moved in the list since a revision, oldest move first. */
function movedStatement(userId: string, filter: ListQuery["filter"], since: number, limit: number): SQL {
  return sql`WITH moved AS (
      SELECT m.conversation_id, ${movedRev} AS moved_rev FROM ${listTables}
      WHERE m.user_id = ${userId} AND ${isInList} ${filtered(filter)} AND ${changedSince(userId, since)} AND moved_rev > ${since}
      ORDER BY moved_rev LIMIT ${limit + 1})
    SELECT ${listColumns}, moved.moved_rev
    FROM moved CROSS JOIN ${listTables} WHERE m.user_id = ${userId} AND m.conversation_id = moved.conversation_id
    ORDER BY moved.moved_rev`;
}

/** The revision of the user's own row in the conversation of `m`. */
export const ownRev = sql.raw(`(SELECT x.rev FROM members AS x
  WHERE x.conversation_id = m.conversation_id AND x.user_id = m.user_id)`);

/**
 * Whether a user may change something in the conversation of `m` that is no change for others (`isQuiet` in projection.ts): it is a
 * request to them, or they tell nobody what they read. Others have no such request, so nothing is looked up for them.
 */
export function mayBeQuiet(userId: string): SQL {
  return sql`((SELECT read_receipts FROM users WHERE user_id = ${userId}) = 0 OR m.conversation_id IN
    (SELECT conversation_id FROM members WHERE user_id = ${userId} AND request IS NOT NULL))`;
}

/**
 * Whether a conversation, the user's preferences for it, or what they alone know of it changed since a revision. Few have, so
 * nothing else is looked up before.
 */
export function changedSince(userId: string, since: number): SQL {
  return sql`(c.rev > ${since} OR m.conversation_id IN
    (SELECT conversation_id FROM preferences WHERE user_id = ${userId} AND rev > ${since})
    OR (${mayBeQuiet(userId)} AND ${ownRev} > ${since}))`;
}
