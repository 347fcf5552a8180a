/** Sending: the hot path. One lookup, one insert, one event. */
import { refuseSend } from "../domain/access.ts";
import { refuseContent } from "../domain/content.ts";
import { isSameSend, type SendFingerprint } from "../domain/idempotency.ts";
import { calls, type MentionSet, resolveMentions } from "../domain/mentions.ts";
import { created, found, type Outcome, refused } from "../domain/outcome.ts";
import { failure, type Message, type SendMessage, seqWithin } from "../protocol/index.ts";
import { type Change, type Emission, type Room, refuse } from "./room.ts";
import type { MemberRow, MessageRow } from "./store.ts";
import { tellOf } from "./veil.ts";
import { toMessage, toMessages } from "./views.ts";

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

/** What a message has that was not said about it. */
export const PLAIN = {
  client_message_id: null,
  reply_to_seq: null,
  metadata: null,
  system: null,
  mentions: null,
  expires_at: null,
} as const;

/** Writes a message with the next number and makes its event. */
export function append(
  room: Room,
  senderId: string,
  message: NewMessage,
  now: number,
): { message: Message; emission: Emission } {
  const seq = room.nextSeq();
  // A system message is the server's: it is nobody's unread, so it takes no running number.
  const numbers =
    message.type === "system"
      ? { no: room.messageNo, sender_no: room.sentNo(senderId) }
      : room.countMessage(senderId);
  const row = { ...message, ...numbers, seq, sender_id: senderId, created_at: now, changed_seq: seq };
  room.store.insertMessage(row);
  if (row.mentions) callMentioned(room, seq, senderId, row.mentions);
  const repliedTo = row.reply_to_seq === null ? undefined : room.store.message(row.reply_to_seq);
  const data = toMessage(room, { ...row, edited_at: null, deleted_at: null }, { repliedTo });
  const event = { type: "message.new" as const, conversation_id: room.id, seq, data };
  return { message: data, emission: { event, to: room.audience } };
}

function callMentioned(room: Room, seq: number, senderId: string, set: MentionSet): void {
  room.notes.setMentions(seq, set);
  for (const member of room.currentMembers()) {
    if (!calls(set, member.user_id, senderId)) continue;
    room.putMember({ ...member, unread_mentions: member.unread_mentions + 1, at_seq: room.head });
  }
}

/**
 * Sends a message, once: the same sender with the same `client_message_id` gets the first one back (rule 12).
 * @param maxLength code points.
 * @param now server time; `created_at` is never the client's.
 */
export function send(
  room: Room,
  member: MemberRow,
  input: SendMessage,
  maxLength: number,
  now: number,
): Change<Message> {
  // An id from elsewhere becomes 0, which no message has: it is not the same as quoting nothing.
  const replyToSeq = input.reply_to_message_id ? (seqWithin(room.id, input.reply_to_message_id) ?? 0) : null;
  const metadata = input.metadata ? JSON.stringify(input.metadata) : null;
  const client_message_id = input.client_message_id ?? null;
  const { type, content } = input;
  if (client_message_id !== null) {
    const first = room.store.messageByClientId(member.user_id, client_message_id);
    const again = { type, content, reply_to_seq: replyToSeq, metadata };
    if (first) return { outcome: answerRetry(room, first, again), emissions: [] };
  }
  const refusal = refuseSend(member, room.info.settings) ?? refuseContent(input, maxLength);
  if (refusal) return refuse(refusal);
  if (replyToSeq !== null && !visible(room, member, replyToSeq)) {
    return refuse(failure("NOT_FOUND", "The message to reply to does not exist"));
  }
  const { settings } = room.info;
  const expires_at = settings.disappearing_messages_enabled
    ? now + settings.disappearing_ttl_seconds * 1000
    : null;
  const names = input.metadata?.mentions;
  const mentions = names ? resolveMentions(names, member, room.currentMembers()) : null;
  const fresh = { type, content, client_message_id, metadata, mentions, expires_at, system: null };
  const { message, emission } = append(room, member.user_id, { ...fresh, reply_to_seq: replyToSeq }, now);
  return { outcome: created(message), emissions: tellOf(room, replyToSeq, emission) };
}

function answerRetry(room: Room, first: MessageRow, again: SendFingerprint): Outcome<Message> {
  if (!isSameSend(original(room, first), again)) {
    return refused("CONFLICT", "This client_message_id was used for another message");
  }
  const [message] = toMessages(room, [first]);
  return message ? found(message) : refused("NOT_FOUND");
}

/** A message as it was first sent; undefined once it is deleted and its text gone. */
function original(room: Room, row: MessageRow): SendFingerprint | undefined {
  if (row.deleted_at !== null) return undefined;
  const [first] = row.edited_at === null ? [] : room.notes.edits(row.seq);
  return first ? { ...row, content: first.content, metadata: first.metadata } : row;
}

/** A message that a member may see: said during their membership and not hidden by them (rule 6). */
export function visible(room: Room, member: MemberRow, seq: number): MessageRow | undefined {
  if (seq < member.joined_seq || room.notes.isHidden(member.user_id, seq)) return undefined;
  return room.store.message(seq);
}
