/**
 * The projection: data of conversations, written to D1 for queries across conversations.
 *
 * A flush is one atomic batch. It may be applied twice or late, because every row has a version and an older one never
 * replaces a newer one. To rebuild, project from zero.
 */
import { sql } from "drizzle-orm";
import type { AttachmentMark } from "../domain/attachments.ts";
import { markStatement } from "./attachments.ts";
import { type Directory, runBatch } from "./database.ts";
import type { conversations, hidden, members, messages } from "./schema.ts";
import { indexStatements } from "./search/search-index.ts";

type Projected<Table extends { $inferSelect: object }> = Omit<Table["$inferSelect"], "rev" | "id">;

export type ConversationRow = Omit<Projected<typeof conversations>, "has_sockets">;
/** `rev` is the conversation's revision. It becomes the version of the row. */
export type MemberRow = Omit<Projected<typeof members>, "conversation_id" | "sent_no" | "version"> & {
  rev: number;
};
export type MessageRow = Omit<Projected<typeof messages>, "conversation_id">;
export type HiddenRow = Omit<typeof hidden.$inferSelect, "conversation_id">;

/** The changes of a conversation since its last flush. */
export interface Flush {
  conversation: ConversationRow;
  members: MemberRow[];
  messages: MessageRow[];
  /** Messages that members deleted for themselves. */
  hidden: HiddenRow[];
  /** The attachments that the messages show or no longer show. */
  attachments?: AttachmentMark[];
  /** Countable messages sent so far by the senders of `messages`. */
  sent: { user_id: string; sent_no: number }[];
}

const nextRev = sql.raw("(SELECT value FROM revision WHERE id = 1)");

/** Writes one flush. Throws if D1 does not accept it. */
export async function project(db: Directory, flush: Flush): Promise<void> {
  const id = flush.conversation.conversation_id;
  await runBatch(db, [
    sql`INSERT INTO revision (id, value) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET value = value + 1`,
    conversationStatement(flush.conversation),
    sql`INSERT OR REPLACE INTO flushes (conversation_id, rev, seq) VALUES (${id}, ${nextRev}, ${flush.conversation.seq})`,
    ...inPieces(flush.members).map((members) => membersStatement(id, members)),
    ...(flush.messages.length > 0 ? [messagesStatement(id, flush.messages)] : []),
    ...indexStatements(id, flush.messages),
    ...(flush.hidden.length > 0 ? [hiddenStatement(id, flush.hidden)] : []),
    ...(flush.attachments?.length ? [markStatement(id, flush.attachments)] : []),
    ...(flush.sent.length > 0 ? [sentStatement(id, flush.sent)] : []),
  ]);
}

/** Messages deleted in one batch. The database is busy for that long. */
const CLEARED_AT_A_TIME = 2_000;

/** Deletes a conversation's messages from the directory and its search index, before all are written again in order. */
export async function clearMessages(db: Directory, conversationId: string): Promise<void> {
  const some = sql`SELECT id FROM messages WHERE conversation_id = ${conversationId} ORDER BY seq LIMIT ${CLEARED_AT_A_TIME}`;
  for (let more = true; more; ) {
    const [, , left = []] = await runBatch(db, [
      sql`DELETE FROM search_index WHERE rowid IN (${some})`,
      sql`DELETE FROM messages WHERE id IN (${some})`,
      sql`SELECT 1 FROM messages WHERE conversation_id = ${conversationId} LIMIT 1`,
    ]);
    more = left.length > 0;
  }
}

function conversationStatement(row: ConversationRow) {
  return sql`
    INSERT INTO conversations (conversation_id, type, name, description, photo_url, created_by, created_at,
      member_count, seq, message_no, last_message_seq, last_activity_at, rev)
    VALUES (${row.conversation_id}, ${row.type}, ${row.name}, ${row.description}, ${row.photo_url},
      ${row.created_by}, ${row.created_at}, ${row.member_count}, ${row.seq}, ${row.message_no},
      ${row.last_message_seq}, ${row.last_activity_at}, ${nextRev})
    ON CONFLICT (conversation_id) DO UPDATE SET
      name = excluded.name, description = excluded.description, photo_url = excluded.photo_url,
      member_count = excluded.member_count, seq = excluded.seq, message_no = excluded.message_no,
      last_message_seq = excluded.last_message_seq, last_activity_at = excluded.last_activity_at, rev = excluded.rev
    WHERE excluded.seq >= conversations.seq`;
}

/** Rows in one parameter. A member is about 300 bytes of JSON, and D1 takes 2 MB. */
const ROWS_OF_A_PARAMETER = 2_000;

function inPieces<T>(rows: readonly T[]): T[][] {
  const count = Math.ceil(rows.length / ROWS_OF_A_PARAMETER);
  return Array.from({ length: count }, (_, i) =>
    rows.slice(i * ROWS_OF_A_PARAMETER, (i + 1) * ROWS_OF_A_PARAMETER),
  );
}

/** Rows are one JSON parameter, because D1 takes at most 100 parameters a statement. */
function membersStatement(conversationId: string, rows: MemberRow[]) {
  return sql`
    INSERT INTO members (conversation_id, user_id, role, joined_seq, left_seq, last_read_seq, read_no,
      read_sent_no, unread_deleted, unread_mentions, hidden_seq, version, rev)
    SELECT ${conversationId}, value->>'user_id', value->>'role', value->>'joined_seq', value->>'left_seq',
      value->>'last_read_seq', value->>'read_no', value->>'read_sent_no', value->>'unread_deleted',
      value->>'unread_mentions', value->>'hidden_seq', value->>'rev', ${nextRev}
    FROM json_each(${JSON.stringify(rows)}) WHERE true
    ON CONFLICT (conversation_id, user_id) DO UPDATE SET
      role = excluded.role, joined_seq = excluded.joined_seq, left_seq = excluded.left_seq,
      last_read_seq = excluded.last_read_seq, read_no = excluded.read_no,
      read_sent_no = excluded.read_sent_no, unread_deleted = excluded.unread_deleted,
      unread_mentions = excluded.unread_mentions, hidden_seq = excluded.hidden_seq, version = excluded.version, rev = excluded.rev
    WHERE excluded.version >= members.version`;
}

function messagesStatement(conversationId: string, rows: MessageRow[]) {
  return sql`
    INSERT INTO messages (conversation_id, seq, changed_seq, sender_id, type, content, created_at, edited_at,
      deleted_at, expires_at, rev)
    SELECT ${conversationId}, value->>'seq', value->>'changed_seq', value->>'sender_id', value->>'type',
      value->>'content', value->>'created_at', value->>'edited_at', value->>'deleted_at', value->>'expires_at',
      ${nextRev}
    FROM json_each(${JSON.stringify(rows)}) WHERE true
    ON CONFLICT (conversation_id, seq) DO UPDATE SET
      changed_seq = excluded.changed_seq, content = excluded.content, edited_at = excluded.edited_at,
      deleted_at = excluded.deleted_at, rev = excluded.rev
    WHERE excluded.changed_seq >= messages.changed_seq`;
}

function hiddenStatement(conversationId: string, rows: HiddenRow[]) {
  return sql`
    INSERT OR IGNORE INTO hidden (user_id, conversation_id, seq)
    SELECT value->>'user_id', ${conversationId}, value->>'seq' FROM json_each(${JSON.stringify(rows)})`;
}

/** Reads only the rows of the senders, however many members there are. */
function sentStatement(conversationId: string, rows: Flush["sent"]) {
  const sent = sql`json_each(${JSON.stringify(rows)})`;
  return sql`
    UPDATE members SET sent_no = max(sent_no,
      (SELECT value->>'sent_no' FROM ${sent} WHERE value->>'user_id' = members.user_id))
    WHERE conversation_id = ${conversationId} AND user_id IN (SELECT value->>'user_id' FROM ${sent})`;
}
