/** What has changed for a user since a revision: the selection is one query, the changes are the conversations' own. */
import { sql } from "drizzle-orm";
import type { ConversationListItem } from "../protocol/index.ts";
import { isInList, type ListRow, listColumns, toListItem } from "./conversations.ts";
import { type Directory, runBatch } from "./database.ts";

/** One conversation that changed. */
export interface ChangedConversation {
  item: ConversationListItem;
  /** The conversation's counter that the caller knows; undefined if they know nothing of it. */
  since: number | undefined;
}

/** A page of changes, oldest first. */
export interface ChangedPage {
  changed: ChangedConversation[];
  removed: string[];
  /** The revision up to which everything is in this page and those before. */
  rev: number;
  has_more: boolean;
}

interface ChangedRow extends ListRow {
  changed_rev: number;
  since_seq: number | null;
  is_shown: number;
  hidden_seq: number | null;
  /** The message with which a conversation that was left came back into the list. */
  back_seq: number | null;
}

/**
 * The counter from which a client goes on; undefined if it begins again. Who was told that a direct conversation is out
 * of the list may have forgotten it: when it is back, they get its newest page.
 */
function continuedFrom({ since_seq, hidden_seq, back_seq }: ChangedRow): number | undefined {
  if (since_seq === null) return undefined;
  const wasOutOfList =
    hidden_seq !== null && since_seq >= hidden_seq && (back_seq ?? since_seq + 1) > since_seq;
  return wasOutOfList ? undefined : since_seq;
}

/**
 * The user's conversations that changed after a revision.
 * @param since undefined for a client that has nothing.
 */
export async function changedConversations(
  db: Directory,
  userId: string,
  since: number | undefined,
  limit: number,
  now: number,
): Promise<ChangedPage> {
  const from = since ?? 0;
  const rev = sql.raw("max(c.rev, m.rev, coalesce(p.rev, 0))");
  const knownSeq = sql`(SELECT f.seq FROM flushes AS f
    WHERE f.conversation_id = c.conversation_id AND f.rev <= ${from} ORDER BY f.rev DESC LIMIT 1)`;
  const [result = []] = await runBatch(db, [
    sql`SELECT ${listColumns}, ${rev} AS changed_rev, ${isInList} AS is_shown, ${knownSeq} AS since_seq, m.hidden_seq,
        (SELECT min(x.seq) FROM messages AS x
         WHERE x.conversation_id = c.conversation_id AND x.seq > m.hidden_seq) AS back_seq
      FROM members AS m
        JOIN conversations AS c ON c.conversation_id = m.conversation_id
        LEFT JOIN preferences AS p ON p.user_id = m.user_id AND p.conversation_id = m.conversation_id
      WHERE m.user_id = ${userId} AND (${isInList} OR m.rev > ${from}) AND ${rev} > ${from}
      ORDER BY changed_rev LIMIT ${limit + 1}`,
  ]);
  const rows = result as unknown as ChangedRow[];
  const page = rows.slice(0, limit);
  const current = page.filter((row) => row.is_shown === 1);
  const gone = page.filter((row) => row.is_shown === 0);
  return {
    changed: current.map((row) => ({
      item: toListItem(row, userId, now),
      since: since === undefined ? undefined : continuedFrom(row),
    })),
    // A client that has nothing has nothing to remove.
    removed: since === undefined ? [] : gone.map((row) => row.conversation_id),
    rev: page.at(-1)?.changed_rev ?? from,
    has_more: rows.length > limit,
  };
}
