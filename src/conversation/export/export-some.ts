/** What a person has done in a conversation, page by page, for an export of their data (rule 28). */
import { messageId, timestamp } from "@rocket-chat-api/protocol";
import { and, asc, between, eq, ne } from "drizzle-orm";
import { type StoredAttachment, toAttachment } from "../../domain/attachments.ts";
import type { ExportedAttachment, ExportedPage, ExportQuery, ExportRecord } from "../../domain/export.ts";
import { fitting } from "../../domain/page-bytes.ts";
import type { EpochMs } from "../../domain/time.ts";
import type { Room } from "../state/room.ts";
import { edits, hidden, messages, reactions, readMarks } from "../state/schema.ts";
import type { MessageRow } from "../state/store.ts";

/** Places looked at for one page, and messages in it. */
const LOOKED_AT = 2_000;
const MESSAGES = 200;
/** Bytes of the messages of a page, as JSON. */
const MAX_BYTES = 512 * 1024;

/** Exports a page. The first one has the membership, too. */
export function exportSome(room: Room, { user_id, after }: ExportQuery): ExportedPage {
  const last = Math.min(after + LOOKED_AT, room.head);
  const rows = room.store.db
    .select()
    .from(messages)
    .where(
      and(
        between(messages.seq, after + 1, last),
        eq(messages.sender_id, user_id),
        ne(messages.type, "system"),
      ),
    )
    .orderBy(asc(messages.seq))
    .limit(MESSAGES)
    .all();
  const exported = fitting(
    rows.map((row) => toRecord(room, row)),
    MAX_BYTES,
  );
  const isCut = exported.length < rows.length || rows.length === MESSAGES;
  const to = isCut ? (rows[exported.length - 1]?.seq ?? last) : last;
  const records = [
    ...(after === 0 ? membershipOf(room, user_id) : []),
    ...exported,
    ...addedIn(room, user_id, after + 1, to),
  ];
  return { records, next: to >= room.head ? null : to };
}

function membershipOf(room: Room, userId: string): ExportRecord[] {
  const member = room.roster.get(userId);
  if (!member) return [];
  const { type, name } = room.info;
  const { role, joined_seq, left_seq, last_read_seq } = member;
  const last_delivered_seq = room.deliveredSeq(userId);
  const place = { role, joined_seq, left_seq, last_read_seq, last_delivered_seq };
  // Who has left sees no more of the group, and so not what it is called since.
  const seen = left_seq === null ? name : null;
  return [{ record: "membership", conversation_id: room.id, type, name: seen, ...place }];
}

function toRecord(room: Room, row: MessageRow): ExportRecord {
  const { seq, type, content, client_message_id, reply_to_seq, metadata, mentions } = row;
  return {
    record: "message",
    message_id: messageId(room.id, seq),
    conversation_id: room.id,
    seq,
    type,
    content,
    created_at: timestamp(row.created_at),
    edited_at: time(row.edited_at),
    deleted_at: time(row.deleted_at),
    expires_at: time(row.expires_at),
    client_message_id,
    reply_to_message_id: reply_to_seq ? messageId(room.id, reply_to_seq) : null,
    metadata: metadata === null ? null : JSON.parse(metadata),
    mentioned_user_ids: mentions?.user_ids ?? [],
    mentions_all: mentions?.all ?? false,
    attachments: (row.attachments ?? []).map(toExported),
    earlier_versions: versionsOf(room, row),
  };
}

function toExported(stored: StoredAttachment): ExportedAttachment {
  return { ...toAttachment(stored), etag: stored.etag };
}

function time(ms: EpochMs | null): string | null {
  return ms === null ? null : timestamp(ms);
}

function versionsOf({ store }: Room, { seq, edited_at }: MessageRow) {
  if (edited_at === null) return [];
  const rows = store.db.select().from(edits).where(eq(edits.seq, seq)).orderBy(asc(edits.version)).all();
  return rows.map(({ content, written_at }) => ({ content, created_at: timestamp(written_at) }));
}

/** What the person has added to messages in a range: reactions, what they have read, what they have deleted for themselves. */
function addedIn(room: Room, userId: string, from: number, to: number): ExportRecord[] {
  const { db } = room.store;
  const reacted = db
    .select()
    .from(reactions)
    .where(and(between(reactions.seq, from, to), eq(reactions.user_id, userId)))
    .all();
  const read = db
    .select()
    .from(readMarks)
    .where(and(eq(readMarks.user_id, userId), between(readMarks.seq, from, to)))
    .all();
  const gone = db
    .select()
    .from(hidden)
    .where(and(eq(hidden.user_id, userId), between(hidden.seq, from, to)))
    .all();
  const of = (seq: number) => ({ message_id: messageId(room.id, seq) });
  return [
    ...reacted.map((row): ExportRecord => {
      const { reaction_id, emoji, created_at } = row;
      return {
        record: "reaction",
        ...of(row.seq),
        reaction_id,
        emoji,
        created_at: timestamp(created_at),
      };
    }),
    ...read.map((row): ExportRecord => ({ record: "receipt", ...of(row.seq), read_at: timestamp(row.at) })),
    ...gone.map((row): ExportRecord => ({ record: "hidden_message", ...of(row.seq) })),
  ];
}
