/** Writes new messages. This is the hot path: one insert, one event. */

import type { Message } from "@rocket-chat-api/protocol";
import type { EpochMs } from "../../domain/time.ts";
import { metrics } from "../../metrics/metrics.ts";
import { isPlain, NOTHING } from "../state/columns.ts";
import type { Emission, Room } from "../state/room.ts";
import type { MessageRow } from "../state/store.ts";
import { bindAttachments } from "./attachments.ts";
import { moveMentions } from "./mentions.ts";
import { toNewMessage } from "./views.ts";

/** The content of a message. The server sets everything else. */
type Said = Pick<MessageRow, "type" | "content"> & Partial<MessageRow>;

/** The message was not written, and nothing has changed. Usually it was sent before. */
export class NotWritten extends Error {}

/** Writes a message with the next `seq`, and builds its event. @throws NotWritten */
export function append(
  room: Room,
  senderId: string,
  said: Said,
  now: EpochMs,
): { message: Message; emission: Emission } {
  const numbers = room.nextNumbers(senderId, said.type !== "system");
  const { seq } = numbers;
  // An object that moves to another machine may see an earlier time. Times never decrease, so then the last time is
  // used.
  const created_at = Math.max(now, room.newest.created_at);
  const row: MessageRow = {
    ...NOTHING,
    ...said,
    ...numbers,
    sender_id: senderId,
    created_at,
    changed_seq: seq,
  };
  const isPlainRow = isPlain(row);
  try {
    room.store.insertMessage(row, isPlainRow);
  } catch (cause) {
    throw new NotWritten("the message was not written", { cause });
  }
  room.advance(senderId, numbers, created_at);
  if (said.type !== "system") metrics.add("messages");
  if (row.mentions) moveMentions(room, row, null, row.mentions);
  if (row.attachments)
    bindAttachments(
      room,
      seq,
      row.attachments.map(({ attachment_id }) => attachment_id),
    );
  const data = toNewMessage(room, row, isPlainRow);
  const event = { type: "message.new" as const, conversation_id: room.id, seq, data };
  return { message: data, emission: { event, to: room.audience } };
}
