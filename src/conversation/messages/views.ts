/** Converts message rows to what members see. */
import { type Message, messageId, timestamp } from "@rocket-chat-api/protocol";
import { EMPTY, loadNew, loadParts, type PartFields } from "../parts.ts";
import type { Room } from "../state/room.ts";
import type { MemberRow, MessageRow } from "../state/store.ts";
import { redactQuotes } from "./redaction.ts";

/** A message as every member sees it. */
function toMessage(room: Room, row: MessageRow, parts: PartFields): Message {
  return {
    message_id: messageId(room.id, row.seq),
    conversation_id: room.id,
    seq: row.seq,
    changed_seq: row.changed_seq,
    sender_id: row.sender_id,
    sender: room.person(row.sender_id),
    type: row.type,
    created_at: timestamp(row.created_at),
    status: "sent",
    client_message_id: row.client_message_id,
    is_edited: row.edited_at !== null,
    edited_at: time(row.edited_at),
    is_deleted: row.deleted_at !== null,
    expires_at: time(row.expires_at),
    system: row.system,
    ...parts,
  };
}

function time(ms: number | null): string | null {
  return ms === null ? null : timestamp(ms);
}

/** A new message. @param isPlain whether it is only a text, so that no part is read. */
export function toNewMessage(room: Room, row: MessageRow, isPlain: boolean): Message {
  return toMessage(room, row, isPlain ? { ...EMPTY, content: row.content } : loadNew(room, row));
}

/**
 * Messages in the order of the rows, with quotes as they are. One query for each part.
 * @param viewerId who reads them; null for what everybody together sees.
 */
export function toMessages(room: Room, rows: MessageRow[], viewerId: string | null): Message[] {
  const partsOf = loadParts(room, rows, viewerId);
  return rows.map((row) => toMessage(room, row, partsOf(row)));
}

/** One message as a member reads it. */
export function toMessageFor(room: Room, viewer: MemberRow, row: MessageRow): Message {
  const [message] = redactQuotes(room, viewer, toMessages(room, [row], viewer.user_id));
  if (!message) throw new Error("a row without a view");
  return message;
}
