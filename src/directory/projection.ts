/**
 * The projection: data of conversations, written to D1 for queries across conversations.
 *
 * A flush is one atomic batch. It may be applied twice or late, because every row has a version and an older one never
 * replaces a newer one. To rebuild, project from zero.
 */
import { type SQL, sql } from "drizzle-orm";
import type { AttachmentMark } from "../domain/attachments.ts";
import { MARK_INTERVAL } from "../domain/sync.ts";
import { markStatement } from "./attachments.ts";
import { type BoundStatement, type Directory, runBatch } from "./database.ts";
import { guardStatement, type Known, knownOf } from "./epoch.ts";
import { type Restored, restoreStatements, uploadsStatement } from "./restored.ts";
import type { conversations, hidden, members, messages } from "./schema.ts";
import { indexStatements } from "./search/search-index.ts";

type Projected<Table extends { $inferSelect: object }> = Omit<Table["$inferSelect"], "rev" | "id">;

export type ConversationRow = Omit<Projected<typeof conversations>, "has_sockets">;
/** `rev` is the conversation's revision. It becomes the version of the row. */
export type MemberRow = Omit<Projected<typeof members>, "conversation_id" | "version"> & {
  rev: number;
};
export type MessageRow = Omit<Projected<typeof messages>, "conversation_id">;
export type HiddenRow = Omit<typeof hidden.$inferSelect, "conversation_id">;

/** The changes of a conversation since its last flush. */
export interface Flush {
  /** `sent_counts` is null where members are many; then {@link Flush.sent} tells what the senders have sent. */
  conversation: ConversationRow;
  members: MemberRow[];
  messages: MessageRow[];
  /** Messages that members deleted for themselves. */
  hidden: HiddenRow[];
  /** The attachments that the messages show or no longer show. */
  attachments?: AttachmentMark[];
  /** Countable messages sent so far by the senders of `messages`. */
  sent: { user_id: string; sent_no: number }[];
  /** Whether `/sync` must know exactly what had been written with this flush (domain/sync.ts). */
  isMarked: boolean;
  /**
   * Whether nobody else has anything to learn of it: only rows of members are written who keep from others what they do (rule
   * 29). Then the conversation has not changed for others, and its own revision stays.
   */
  isQuiet?: boolean;
  /** The `seq` up to which the directory has the conversation, unless it was lost or put back. 0 if it is left out. */
  known_seq?: number;
  /** Messages to delete because they are older than messages are kept (rule 10). */
  gone?: readonly number[];
  /** What the directory has lost beside that. */
  restored?: Restored;
}

/**
 * Writes one flush. Throws if D1 does not accept it.
 * @returns what the directory had before. It has taken nothing if that is less than `known_seq`.
 */
export async function project(db: Directory, flush: Flush): Promise<Known> {
  const { conversation, known_seq = 0 } = flush;
  try {
    const [, [guarded] = []] = await runBatch(db, statementsOf(flush));
    return { epoch: String(guarded?.epoch), seq: known_seq };
  } catch (error) {
    // Without an answer to this question, it is an outage like any other.
    const known = known_seq > 0 ? await knownOf(db, conversation.conversation_id) : undefined;
    if (known && known.seq < known_seq) return known;
    throw error;
  }
}

function statementsOf(flush: Flush): (SQL | BoundStatement)[] {
  const { conversation, members, messages, hidden, attachments = [], sent } = flush;
  const id = conversation.conversation_id;
  const uploads = uploadsStatement(id, attachments);
  return [
    { sql: NEXT_REVISION, params: [] },
    guardStatement(id, flush.known_seq ?? 0),
    ...(flush.restored ? restoreStatements(id, flush.restored, Date.now()) : []),
    { sql: PUT_CONVERSATION, params: [...conversationParams(conversation), flush.isQuiet ? 1 : 0] },
    { sql: PUT_MARK, params: [id, conversation.seq, flush.isMarked ? 1 : 0] },
    ...inPieces(members).map((rows) => ({ sql: PUT_MEMBERS, params: [id, JSON.stringify(rows)] })),
    ...withRows(PUT_MESSAGES, id, messages),
    ...indexStatements(id, messages),
    ...goneStatements(id, flush.gone ?? []),
    ...withRows(PUT_HIDDEN, id, hidden),
    ...(uploads ? [uploads] : []),
    ...(attachments.length > 0 ? [markStatement(id, attachments)] : []),
    ...withRows(PUT_SENT, id, sent),
  ];
}

/** A statement that takes rows as one JSON parameter, because D1 takes at most 100 parameters. None without rows. */
function withRows(text: string, conversationId: string, rows: readonly object[]): BoundStatement[] {
  return rows.length === 0 ? [] : [{ sql: text, params: [conversationId, JSON.stringify(rows)] }];
}

/** The statements that delete messages with their search entries. */
function goneStatements(id: string, gone: readonly number[]): SQL[] {
  if (gone.length === 0) return [];
  const seqs = sql`(SELECT value FROM json_each(${JSON.stringify(gone)}))`;
  const rows = sql`conversation_id = ${id} AND seq IN ${seqs}`;
  return [
    sql`DELETE FROM search_index WHERE rowid IN (SELECT id FROM messages WHERE ${rows})`,
    sql`DELETE FROM messages WHERE ${rows}`,
  ];
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

/** Rows in one parameter. A member is about 300 bytes of JSON, and D1 takes 2 MB. */
const ROWS_OF_A_PARAMETER = 2_000;

function inPieces<T>(rows: readonly T[]): T[][] {
  const count = Math.ceil(rows.length / ROWS_OF_A_PARAMETER);
  return Array.from({ length: count }, (_, i) =>
    rows.slice(i * ROWS_OF_A_PARAMETER, (i + 1) * ROWS_OF_A_PARAMETER),
  );
}

const NEXT_REVISION =
  "INSERT INTO revision (id, value) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET value = value + 1";

const REVISION = "(SELECT value FROM revision WHERE id = 1)";

const PUT_CONVERSATION = `
  INSERT INTO conversations (conversation_id, type, name, description, photo_url, created_by, created_at,
    member_count, seq, message_no, last_message_seq, last_activity_at, sent_counts, rev)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ${REVISION})
  ON CONFLICT (conversation_id) DO UPDATE SET
    name = excluded.name, description = excluded.description, photo_url = excluded.photo_url,
    member_count = excluded.member_count, seq = excluded.seq, message_no = excluded.message_no,
    last_message_seq = excluded.last_message_seq, last_activity_at = excluded.last_activity_at,
    sent_counts = coalesce(excluded.sent_counts, conversations.sent_counts),
    rev = iif(?14 = 1, conversations.rev, excluded.rev)
  WHERE excluded.seq >= conversations.seq`;

function conversationParams(row: ConversationRow): unknown[] {
  return [
    row.conversation_id,
    row.type,
    row.name,
    row.description,
    row.photo_url,
    row.created_by,
    row.created_at,
    row.member_count,
    row.seq,
    row.message_no,
    row.last_message_seq,
    row.last_activity_at,
    row.sent_counts,
  ];
}

/** Not if the last mark lies near before this one. After the loss of an object its `seq` may lie before the last mark. */
const PUT_MARK = `
  INSERT OR REPLACE INTO flushes (conversation_id, rev, seq)
  SELECT ?1, ${REVISION}, ?2
  WHERE ?3 = 1 OR coalesce((SELECT f.seq FROM flushes AS f WHERE f.conversation_id = ?1
    ORDER BY f.rev DESC LIMIT 1) NOT BETWEEN ?2 - ${MARK_INTERVAL - 1} AND ?2, true)`;

const PUT_MEMBERS = `
  INSERT INTO members (conversation_id, user_id, role, joined_seq, left_seq, last_read_seq, read_no,
    read_sent_no, unread_deleted, unread_mentions, hidden_seq, visible_from, blocked, read_blocked_no, muted_until,
    request, version, sent_no, rev)
  SELECT ?1, value->>'user_id', value->>'role', value->>'joined_seq', value->>'left_seq',
    value->>'last_read_seq', value->>'read_no', value->>'read_sent_no', value->>'unread_deleted',
    value->>'unread_mentions', value->>'hidden_seq', value->>'visible_from', value->>'blocked',
    coalesce(value->>'read_blocked_no', 0), value->>'muted_until', value->>'request', value->>'rev', value->>'sent_no',
    ${REVISION}
  FROM json_each(?2) WHERE true
  ON CONFLICT (conversation_id, user_id) DO UPDATE SET
    role = excluded.role, joined_seq = excluded.joined_seq, left_seq = excluded.left_seq,
    last_read_seq = excluded.last_read_seq, read_no = excluded.read_no,
    read_sent_no = excluded.read_sent_no, unread_deleted = excluded.unread_deleted,
    unread_mentions = excluded.unread_mentions, hidden_seq = excluded.hidden_seq, visible_from = excluded.visible_from,
    blocked = excluded.blocked, read_blocked_no = excluded.read_blocked_no, muted_until = excluded.muted_until,
    request = excluded.request, version = excluded.version,
    sent_no = max(members.sent_no, excluded.sent_no), rev = excluded.rev
  WHERE excluded.version >= members.version`;

const PUT_MESSAGES = `
  INSERT INTO messages (conversation_id, seq, changed_seq, sender_id, type, content, created_at, edited_at,
    deleted_at, expires_at, rev)
  SELECT ?1, value->>'seq', value->>'changed_seq', value->>'sender_id', value->>'type', value->>'content',
    value->>'created_at', value->>'edited_at', value->>'deleted_at', value->>'expires_at', ${REVISION}
  FROM json_each(?2) WHERE true
  ON CONFLICT (conversation_id, seq) DO UPDATE SET
    changed_seq = excluded.changed_seq, content = excluded.content, edited_at = excluded.edited_at,
    deleted_at = excluded.deleted_at, rev = excluded.rev
  WHERE excluded.changed_seq >= messages.changed_seq`;

const PUT_HIDDEN = `
  INSERT OR IGNORE INTO hidden (user_id, conversation_id, seq)
  SELECT value->>'user_id', ?1, value->>'seq' FROM json_each(?2)`;

/** Reads only the rows of the senders, however many members there are. */
const PUT_SENT = `
  UPDATE members SET sent_no = max(sent_no,
    (SELECT value->>'sent_no' FROM json_each(?2) WHERE value->>'user_id' = members.user_id))
  WHERE conversation_id = ?1 AND user_id IN (SELECT value->>'user_id' FROM json_each(?2))`;
