/** Sending: the hot path. One lookup, one insert, one event. */
import { refuseSend } from "../domain/access.ts";
import type { Caller } from "../domain/caller.ts";
import { refuseContent } from "../domain/content.ts";
import { isSameSend, type SendFingerprint } from "../domain/idempotency.ts";
import { created, found, refused } from "../domain/outcome.ts";
import { type ConversationEvent, type Message, type SendMessage, seqWithin } from "../protocol/index.ts";
import { type Change, type Room, unchanged } from "./room.ts";
import type { MessageRow } from "./store.ts";
import { toMessage, toMessages } from "./views.ts";

export type MessageEvent = Extract<ConversationEvent, { type: "message.new" }>;

type NewMessage = Pick<
  MessageRow,
  | "type"
  | "content"
  | "client_message_id"
  | "reply_to_seq"
  | "metadata"
  | "system"
  | "mentions"
  | "expires_at"
>;

/** Writes a message with the next number and makes its event. */
export function append(room: Room, senderId: string, message: NewMessage, now: number): MessageEvent {
  const seq = room.nextSeq();
  // A system message is the server's: it is nobody's unread, so it takes no running number.
  const numbers =
    message.type === "system"
      ? { no: room.messageNo, sender_no: room.sentNo(senderId) }
      : room.countMessage(senderId);
  const row = { ...message, ...numbers, seq, sender_id: senderId, created_at: now, changed_seq: seq };
  room.store.insertMessage(row);
  const repliedTo = row.reply_to_seq === null ? undefined : room.store.message(row.reply_to_seq);
  const data = toMessage(room, { ...row, edited_at: null, deleted_at: null }, repliedTo);
  return { type: "message.new", conversation_id: room.id, seq, data };
}

/**
 * Sends a message, once: the same sender with the same `client_message_id` gets the first one back (rule 12).
 * @param now server time; `created_at` is never the client's.
 */
export function send(
  room: Room,
  caller: Caller,
  input: SendMessage,
  maxLength: number,
  now: number,
): Change<Message> {
  const member = room.memberOf(caller);
  if (!member) return unchanged(refused("FORBIDDEN"));
  // An id from elsewhere becomes 0, which no message has: it is not the same as quoting nothing.
  const replyToSeq = input.reply_to_message_id ? (seqWithin(room.id, input.reply_to_message_id) ?? 0) : null;
  const metadata = input.metadata ? JSON.stringify(input.metadata) : null;
  const client_message_id = input.client_message_id ?? null;
  if (client_message_id !== null) {
    const first = room.store.messageByClientId(caller.user_id, client_message_id);
    const again = { type: input.type, content: input.content, reply_to_seq: replyToSeq, metadata };
    if (first) return unchanged(answerRetry(room, first, again));
  }
  const refusal = refuseSend(member, room.info.settings) ?? refuseContent(input, maxLength);
  if (refusal) return unchanged({ ok: false, error: refusal });
  if (replyToSeq !== null && !isVisible(room, replyToSeq, member.joined_seq)) {
    return unchanged(refused("NOT_FOUND", "The message to reply to does not exist"));
  }
  const { type, content } = input;
  const message = {
    type,
    content,
    client_message_id,
    reply_to_seq: replyToSeq,
    metadata,
    system: null,
    mentions: null,
    expires_at: null,
  };
  const event = append(room, caller.user_id, message, now);
  return { outcome: created(event.data), events: [event] };
}

function answerRetry(room: Room, first: MessageRow, again: SendFingerprint) {
  const original = first.deleted_at === null ? first : undefined;
  if (!isSameSend(original, again)) {
    return refused("CONFLICT", "This client_message_id was used for another message");
  }
  const [message] = toMessages(room, [first]);
  return message ? found(message) : refused("NOT_FOUND");
}

function isVisible(room: Room, seq: number, joinedSeq: number): boolean {
  return seq >= joinedSeq && room.store.message(seq) !== undefined;
}
