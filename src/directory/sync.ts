/**
 * The conversations that changed for a user since a revision. One query selects them; their changes come from the
 * conversations.
 */

import type { ConversationListItem, SyncPlace, UnreadTotals } from "@rocket-chat-api/protocol";
import { type SQL, sql } from "drizzle-orm";
import { beginPage, continuedFrom, type SyncRow } from "../domain/sync.ts";
import type { EpochMs } from "../domain/time.ts";
import { changedSince, isInList, listColumns, listTables, mayBeQuiet, ownRev } from "./conversations.ts";
import { type Directory, runBatch } from "./database.ts";
import { makeState, stateOf, stateStatement } from "./epoch.ts";
import { type ListRow, toListItem } from "./list-item.ts";
import { toUnreadTotals, unreadStatement } from "./unread.ts";

/** A changed conversation, with the revision of the change. */
export interface ChangedConversation {
  rev: number;
  conversation_id: string;
  /** The list item; undefined if it is no longer in the list. */
  item: ConversationListItem | undefined;
  /** Whether the client must remove it. */
  is_removed: boolean;
  /** A `seq` up to which the client knows the conversation; undefined if none. */
  since: number | undefined;
  /** Whether the client may have heard of it all the same: it has a token, and sockets tell of new conversations. */
  may_have_copy: boolean;
}

/** A page of changes, oldest first. */
interface ChangedPage {
  changed: ChangedConversation[];
  /** Where the page starts; see `placeAfter`. */
  place: SyncPlace;
  has_more: boolean;
  /** The token could not be continued, so the client starts from nothing. */
  limited: boolean;
  /** Of all conversations, as they are in the same moment. */
  unread: UnreadTotals;
}

interface ChangedRow extends ListRow, SyncRow {
  changed_rev: number;
  /** The revision of the caller's own membership. */
  member_rev: number;
  is_shown: number;
}

/**
 * A page of the user's conversations that changed after a place.
 * @param token undefined for a client that has nothing.
 */
export async function changedConversations(
  db: Directory,
  userId: string,
  token: SyncPlace | undefined,
  limit: number,
  now: EpochMs,
): Promise<ChangedPage> {
  const asked = token ?? { start: 0, position: 0 };
  // In one transaction, so that no conversation is newer than the revision that is read with it.
  const [states = [], unread = [], ...pages] = await runBatch(db, [
    stateStatement,
    unreadStatement(userId, now),
    pageStatement(userId, asked, limit),
  ]);
  const { place, limited } = beginPage(token, stateOf(states) ?? (await makeState(db)));
  const [result = []] = limited ? await runBatch(db, [pageStatement(userId, place, limit)]) : pages;
  const rows = result as unknown as ChangedRow[];
  const { start, begun } = place;
  return {
    changed: rows.slice(0, limit).map((row) => ({
      rev: row.changed_rev,
      conversation_id: row.conversation_id,
      item: row.is_shown === 1 ? toListItem(row, userId, now) : undefined,
      // A client that started from nothing has nothing to remove, except what an earlier page of this round contained.
      is_removed: row.is_shown === 0 && (start > 0 || row.member_rev > begun),
      since: continuedFrom(row, start),
      may_have_copy: start > 0,
    })),
    place,
    has_more: rows.length > limit,
    limited,
    unread: toUnreadTotals(unread),
  };
}

/** Conversations that changed after a position, each with a `seq` up to which the client knew it at the start. */
function pageStatement(
  userId: string,
  { start, position }: Pick<SyncPlace, "start" | "position">,
  limit: number,
): SQL {
  // Selects the page first, as the list does. A member's row is hardly ever newer than its conversation's: both are written
  // together, but for what is no change for others. So the row itself is only looked up there, and where
  // the conversation is no longer in the list.
  return sql`WITH page AS (
      SELECT m.conversation_id, max(c.rev, coalesce(p.rev, 0),
        CASE WHEN ${mayBeQuiet(userId)} THEN ${ownRev} ELSE 0 END) AS changed_rev FROM ${listTables}
      WHERE m.user_id = ${userId} AND ${changedSince(userId, position)} AND (${isInList} OR ${ownRev} > ${position})
      ORDER BY changed_rev, m.conversation_id LIMIT ${limit + 1})
    SELECT ${listColumns}, page.changed_rev, m.rev AS member_rev, ${isInList} AS is_shown, m.hidden_seq,
      (SELECT f.seq FROM flushes AS f WHERE f.conversation_id = c.conversation_id AND f.rev <= ${start}
       ORDER BY f.rev DESC LIMIT 1) AS since_seq,
      (SELECT min(x.seq) FROM messages AS x
       WHERE x.conversation_id = c.conversation_id AND x.seq > m.hidden_seq) AS back_seq
    FROM page CROSS JOIN ${listTables} WHERE m.user_id = ${userId} AND m.conversation_id = page.conversation_id
    ORDER BY page.changed_rev, page.conversation_id`;
}
