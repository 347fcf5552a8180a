/** What has changed for a user since a revision: the selection is one query, the changes are the conversations' own. */
import { sql } from "drizzle-orm";
import type { ConversationListItem } from "../protocol/index.ts";
import { type ListRow, listColumns, toListItem } from "./conversations.ts";
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
  left_seq: number | null;
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
  const [result = []] = await runBatch(db, [
    sql`SELECT ${listColumns}, ${rev} AS changed_rev, m.left_seq,
        (SELECT f.seq FROM flushes AS f WHERE f.conversation_id = c.conversation_id AND f.rev <= ${from}
         ORDER BY f.rev DESC LIMIT 1) AS since_seq
      FROM members AS m
        JOIN conversations AS c ON c.conversation_id = m.conversation_id
        LEFT JOIN preferences AS p ON p.user_id = m.user_id AND p.conversation_id = m.conversation_id
      WHERE m.user_id = ${userId} AND (m.left_seq IS NULL OR m.rev > ${from}) AND ${rev} > ${from}
      ORDER BY changed_rev LIMIT ${limit + 1}`,
  ]);
  const rows = result as unknown as ChangedRow[];
  const page = rows.slice(0, limit);
  const current = page.filter((row) => row.left_seq === null);
  const gone = page.filter((row) => row.left_seq !== null);
  return {
    changed: current.map((row) => ({
      item: toListItem(row, userId, now),
      since: since === undefined ? undefined : (row.since_seq ?? undefined),
    })),
    // A client that has nothing has nothing to remove.
    removed: since === undefined ? [] : gone.map((row) => row.conversation_id),
    rev: page.at(-1)?.changed_rev ?? from,
    has_more: rows.length > limit,
  };
}
