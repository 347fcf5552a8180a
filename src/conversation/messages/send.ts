/** Sending: the hot path. One lookup, one insert, one event. */

import {
  conversationOfAttachment,
  type Failure,
  failure,
  type Message,
  type SendMessage,
  seqWithin,
} from "@rocket-chat-api/protocol";
import { refuseSend } from "../../domain/access.ts";
import { type AttachmentClaim, attachmentIds, type StoredAttachment } from "../../domain/attachments.ts";
import { refuseContent } from "../../domain/content.ts";
import { created, found, type Outcome, refused } from "../../domain/outcome.ts";
import type { Context, Handlers, Services } from "../state/handler.ts";
import { type Change, type Emission, type Room, refuse } from "../state/room.ts";
import type { MemberRow, MessageRow } from "../state/store.ts";
import { visible } from "../state/visibility.ts";
import { isSameSend, type SendFingerprint } from "./idempotency.ts";
import { type MentionSet, resolveMentions } from "./mentions.ts";
import { redactOwn } from "./redaction.ts";
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
  | "attachments"
  | "expires_at"
>;

type Sending = Context<"sendMessage">;

/** What a message has that was not said about it. */
export const PLAIN = {
  client_message_id: null,
  reply_to_seq: null,
  metadata: null,
  system: null,
  mentions: null,
  attachments: null,
  expires_at: null,
} as const;

/** The message was not written, and nothing has changed: as a rule it was sent before. */
class NotWritten extends Error {}

/** Writes a message with the next number and makes its event. @throws NotWritten */
export function append(
  room: Room,
  senderId: string,
  message: NewMessage,
  now: number,
): { message: Message; emission: Emission } {
  const numbers = room.nextNumbers(senderId, message.type !== "system");
  const { seq } = numbers;
  // An object that moves to another machine may find the clock set back: times then wait, for they are in order.
  const created_at = Math.max(now, room.newest.created_at);
  const row = { ...message, ...numbers, sender_id: senderId, created_at, changed_seq: seq };
  try {
    room.store.insertMessage(row);
  } catch (cause) {
    throw new NotWritten("the message was not written", { cause });
  }
  room.take(senderId, numbers, created_at);
  if (row.mentions) callMentioned(room, seq, senderId, row.mentions);
  if (row.attachments) room.notes.bind(seq, row.attachments.map(idOf));
  const repliedTo = row.reply_to_seq === null ? undefined : room.store.message(row.reply_to_seq);
  const data = toMessage(room, { ...row, edited_at: null, deleted_at: null }, { repliedTo });
  const event = { type: "message.new" as const, conversation_id: room.id, seq, data };
  return { message: data, emission: { event, to: room.audience } };
}

const idOf = (attachment: StoredAttachment) => attachment.attachment_id;

function callMentioned(room: Room, seq: number, senderId: string, set: MentionSet): void {
  room.notes.setMentions(seq, set);
  room.adjustCounts([{ seq, sender_id: senderId, isDeleted: false, called: null, calls: set }]);
}

/**
 * Sends a message, once: the same sender with the same `client_message_id` gets the first one back (rule 12), whatever
 * has changed since. Retries are rare, so it is only asked whether this is one when it cannot be written.
 * `created_at` is the server's time, never the client's.
 */
function sendMessage(context: Sending): Change<Message> {
  const refusal = refusalOf(context);
  if (refusal) return retried(context) ?? refuse(refusal);
  try {
    return write(context);
  } catch (error) {
    const change = error instanceof NotWritten ? retried(context) : undefined;
    if (change) return change;
    throw error;
  }
}

/** The answer to a send that was sent before. */
function retried({ room, member, input }: Sending): Change<Message> | undefined {
  const first = firstSend(room, member, input);
  return first && { outcome: answerRetry(room, member, first, input), emissions: [] };
}

/** Why a message may not be sent here and now. */
function refusalOf({ room, member, input, prepared, limits }: Sending): Failure | undefined {
  const reply_to_seq = quotedSeq(room, input);
  return (
    refuseSend(member, room.info.settings) ??
    refuseContent(input, limits.maxMessageLength) ??
    refuseAttachments(room, input, prepared) ??
    (reply_to_seq !== null && !visible(room, member, reply_to_seq)
      ? failure("NOT_FOUND", "The message to reply to does not exist")
      : undefined)
  );
}

function write({ room, member, input, prepared, now }: Sending): Change<Message> {
  const reply_to_seq = quotedSeq(room, input);
  const { settings } = room.info;
  const expires_at = settings.disappearing_messages_enabled
    ? now + settings.disappearing_ttl_seconds * 1000
    : null;
  const names = input.metadata?.mentions;
  const fresh: NewMessage = {
    type: input.type,
    content: input.content,
    client_message_id: input.client_message_id ?? null,
    reply_to_seq,
    metadata: metadataOf(input),
    mentions: names ? resolveMentions(names, member, room.currentMembers()) : null,
    attachments: prepared ?? null,
    expires_at,
    system: null,
  };
  const { message, emission } = append(room, member.user_id, fresh, now);
  return { outcome: created(message), emissions: [emission] };
}

/**
 * What is to be confirmed before this can be sent.
 * @returns null if nothing is: it was sent before. A refusal is what sending would answer too.
 */
function claimAttachments({ room, member, input, limits }: Sending): Outcome<AttachmentClaim | null> {
  if (firstSend(room, member, input)) return found(null);
  const attachment_ids = attachmentIds(input);
  const refusal =
    refuseSend(member, room.info.settings) ??
    refuseContent(input, limits.maxMessageLength) ??
    refuseForeignOrUsed(room, attachment_ids);
  if (refusal) return { ok: false, error: refusal };
  // A text has no attachments: that was refused above.
  const type = input.type === "text" ? "file" : input.type;
  return found({ conversation_id: room.id, user_id: member.user_id, type, attachment_ids });
}

function refuseForeignOrUsed(room: Room, ids: string[]): Failure | undefined {
  const foreign = ids.find((id) => conversationOfAttachment(id) !== room.id);
  if (foreign)
    return failure("INVALID_ATTACHMENT", "The attachment does not exist", { attachment_id: foreign });
  const [used] = room.notes.boundAmong(ids);
  if (!used) return undefined;
  const { attachment_id } = used;
  return failure("INVALID_ATTACHMENT", "The attachment was sent before", { attachment_id });
}

/** Exactly what is named must have been confirmed, and nobody may have sent it meanwhile. */
function refuseAttachments(
  room: Room,
  input: SendMessage,
  confirmed: StoredAttachment[] | undefined,
): Failure | undefined {
  const ids = attachmentIds(input);
  if (ids.length === 0) return undefined;
  if (ids.join() !== confirmed?.map(idOf).join()) return failure("INVALID_ATTACHMENT");
  return refuseForeignOrUsed(room, ids);
}

/** The position that a message quotes. An id from elsewhere becomes 0, which no message has. */
function quotedSeq(room: Room, input: SendMessage): number | null {
  return input.reply_to_message_id ? (seqWithin(room.id, input.reply_to_message_id) ?? 0) : null;
}

function metadataOf(input: SendMessage): string | null {
  return input.metadata ? JSON.stringify(input.metadata) : null;
}

/** The message that an earlier send of this has made. */
function firstSend(room: Room, member: MemberRow, input: SendMessage): MessageRow | undefined {
  const { client_message_id } = input;
  return client_message_id ? room.store.messageByClientId(member.user_id, client_message_id) : undefined;
}

function answerRetry(room: Room, member: MemberRow, first: MessageRow, input: SendMessage): Outcome<Message> {
  const { type, content } = input;
  const again = {
    type,
    content,
    reply_to_seq: quotedSeq(room, input),
    metadata: metadataOf(input),
    attachment_ids: attachmentIds(input),
  };
  if (!isSameSend(original(room, first), again)) {
    return refused("CONFLICT", "This client_message_id was used for another message");
  }
  const [message] = toMessages(room, [first]);
  return message ? found(redactOwn(room, member, message)) : refused("NOT_FOUND");
}

/** A message as it was first sent; undefined once it is deleted and its text gone. */
function original(room: Room, row: MessageRow): SendFingerprint | undefined {
  if (row.deleted_at !== null) return undefined;
  const sent = { ...row, attachment_ids: (row.attachments ?? []).map(idOf) };
  const [first] = row.edited_at === null ? [] : room.notes.edits(row.seq, 0, 0);
  return first ? { ...sent, content: first.content, metadata: first.metadata } : sent;
}

/** Has the attachments confirmed. A retry finds its message in the turn, whatever has become of the files. */
function prepare(context: Sending, services: Services) {
  if (attachmentIds(context.input).length === 0) return undefined;
  const claim = claimAttachments(context);
  if (!claim.ok) return claim;
  return claim.body ? services.confirmAttachments(claim.body) : undefined;
}

export const sendHandlers = {
  sendMessage: {
    prepare,
    apply: sendMessage,
    // A plain message is one insert.
    isOneWrite: ({ input, prepared }) => !input.metadata?.mentions && !prepared,
    after({ room, member, now }, effects) {
      const { settings } = room.info;
      const lifetime = settings.disappearing_ttl_seconds * 1000;
      if (settings.disappearing_messages_enabled) effects.ringBy(now + lifetime);
      effects.stopTyping(room, member.user_id);
    },
  },
} satisfies Partial<Handlers>;
