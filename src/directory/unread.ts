/**
 * Unread totals (rule 30): the sums of what the list says, and what they are made of. One query, which reads the user's
 * own memberships and sends back one row, or one for each conversation with unread messages.
 */
import type { UnreadTotals } from "@rocket-chat-api/protocol";
import { type SQL, sql } from "drizzle-orm";
import type { EpochMs } from "../domain/time.ts";
import type { UnreadBase } from "../domain/unread.ts";
import { blockedNo, isInList, sentNo } from "./conversations.ts";
import { type Directory, runBatch } from "./database.ts";
import { isMutedNow } from "./preferences.ts";
import { keptApart } from "./privacy.ts";

/** `unreadCount` of domain/unread.ts, for a row of the list. */
const unreadOf = sql`(c.message_no - m.read_no - (${sentNo} - m.read_sent_no)
  - (${blockedNo} - m.read_blocked_no) - m.unread_deleted)`;

/** In SQL: whether a row of the list counts: not a stranger's direct chat that was not accepted (rule 29). */
const isCounted = sql`${isInList} AND coalesce(m.request, '') NOT ${keptApart}`;

const listed = sql.raw("members AS m CROSS JOIN conversations AS c ON c.conversation_id = m.conversation_id");

/** The totals of a user, as one row for {@link toUnreadTotals}. */
export function unreadStatement(userId: string, now: EpochMs): SQL {
  // A subquery that runs once, as in the list. Materialized, so that nothing is computed for each of the sums.
  const isMuted = sql`m.conversation_id IN
    (SELECT conversation_id FROM preferences WHERE user_id = ${userId} AND ${isMutedNow(now)})`;
  return sql`WITH counted AS MATERIALIZED (
      SELECT ${unreadOf} AS unread, m.unread_mentions AS mentions, ${isMuted} AS muted
      FROM ${listed} WHERE m.user_id = ${userId} AND ${isCounted})
    SELECT sum(unread) FILTER (WHERE NOT muted) AS messages, sum(mentions) FILTER (WHERE NOT muted) AS mentions,
      count(*) FILTER (WHERE NOT muted AND unread > 0) AS conversations,
      sum(unread) FILTER (WHERE muted) AS muted_messages
    FROM counted`;
}

/** The totals in the answer to {@link unreadStatement}. Sums of nothing are null. */
export function toUnreadTotals([row = {}]: Record<string, unknown>[]): UnreadTotals {
  return {
    messages: Number(row.messages ?? 0),
    mentions: Number(row.mentions ?? 0),
    conversations: Number(row.conversations ?? 0),
    muted_messages: Number(row.muted_messages ?? 0),
  };
}

/** The totals of a user. */
export async function unreadTotals(db: Directory, userId: string, now: EpochMs): Promise<UnreadTotals> {
  const [rows = []] = await runBatch(db, [unreadStatement(userId, now)]);
  return toUnreadTotals(rows);
}

/** What the totals of a user are made of, in one round trip. */
export async function unreadByConversation(db: Directory, userId: string, now: EpochMs): Promise<UnreadBase> {
  const [counts = [], mutes = []] = await runBatch(db, [
    sql`SELECT m.conversation_id, ${unreadOf} AS unread, m.unread_mentions AS mentions
      FROM ${listed} WHERE m.user_id = ${userId} AND ${isCounted} AND (unread <> 0 OR m.unread_mentions <> 0)`,
    sql`SELECT conversation_id, muted_until FROM preferences WHERE user_id = ${userId} AND ${isMutedNow(now)}`,
  ]);
  return {
    counts: new Map(
      counts.map(({ conversation_id, unread, mentions }) => [
        String(conversation_id),
        { unread: Number(unread), mentions: Number(mentions) },
      ]),
    ),
    mutes: new Map(
      mutes.map(({ conversation_id, muted_until }) => [
        String(conversation_id),
        muted_until === null ? Number.POSITIVE_INFINITY : Number(muted_until),
      ]),
    ),
  };
}
