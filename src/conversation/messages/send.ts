/** Sends messages. */
import {
  conversationOfAttachment,
  type Failure,
  failure,
  type Message,
  type SendMessage,
} from "@rocket-chat-api/protocol";
import { checkOpen, checkSend } from "../../domain/access.ts";
import { type AttachmentClaim, attachmentIds, type StoredAttachment } from "../../domain/attachments.ts";
import { checkContent } from "../../domain/content.ts";
import { type Filtered, type FilteredText, judge } from "../../domain/filter/verdict.ts";
import { resolveMentions } from "../../domain/mentions.ts";
import { checkWrite } from "../../domain/moderation.ts";
import { created, found, type Outcome, refused } from "../../domain/outcome.ts";
import type { Context, Handlers, Services } from "../state/handler.ts";
import { checkWriting } from "../state/message-requests.ts";
import { type Change, type Room, unchanged } from "../state/room.ts";
import { visible } from "../state/visibility.ts";
import { append, NotWritten } from "./append.ts";
import { boundAmong } from "./attachments.ts";
import { noteFiltered } from "./filtered.ts";
import { hashOfSent } from "./idempotency.ts";
import { checkPace } from "./pace.ts";
import { quotedSeq } from "./reply.ts";
import { accept } from "./requests.ts";
import { firstSend, metadataOf, retried } from "./retry.ts";

type Sending = Context<"sendMessage">;

/**
 * Sends a message once. Repeating a `client_message_id` returns the first message (rule 12), whatever has changed
 * since. Retries are rare, so they are only looked up if the message cannot be written. `created_at` is always the
 * server's time.
 */
function sendMessage(context: Sending): Change<Message> {
  const refusal = checkSending(context);
  if (refusal) return retried(context) ?? unchanged(refused(refusal));
  const verdict = judge(context.filters, textsOf(context));
  if (verdict?.refusal) return retried(context) ?? unchanged(refused(verdict.refusal));
  try {
    return write(context, verdict);
  } catch (error) {
    const change = error instanceof NotWritten ? retried(context) : undefined;
    if (change) return change;
    throw error;
  }
}

/** Why a message cannot be sent, or undefined. */
function checkSending(context: Sending): Failure | undefined {
  const { room, member, input, prepared, limits, now } = context;
  const reply_to_seq = quotedSeq(room, input);
  return (
    checkSender(context) ??
    checkContent(input, limits.maxMessageLength) ??
    checkAttachments(room, input, prepared) ??
    (reply_to_seq !== null && !visible(room, member, reply_to_seq)
      ? failure("NOT_FOUND", "The message to reply to does not exist")
      : undefined) ??
    checkPace(room, member, now)
  );
}

/** Why a member may not send now, whatever they say, or undefined. */
function checkSender({ room, member, now }: Sending): Failure | undefined {
  const { settings } = room.info;
  return (
    checkOpen(room.blocks.isClosed) ??
    checkWrite(member, settings, now) ??
    checkSend(member, settings) ??
    checkWriting(room, member)
  );
}

/** The texts of a message that filters look at, its own first. */
function textsOf({ filters, input, prepared = [] }: Sending): FilteredText[] {
  if (!filters) return [];
  const names = prepared.map(({ file_name }) => ({ field: "file_name" as const, text: file_name }));
  return [{ field: "content", text: input.content }, ...names];
}

/** What filters have left of a message: the columns that differ from what was sent. */
function maskedFields({ input, prepared }: Sending, { texts: [content = "", ...names] }: Filtered) {
  return {
    content,
    sent_hash: content === input.content ? null : hashOfSent(input.content),
    attachments: prepared?.map((one, i) => ({ ...one, file_name: names[i] ?? one.file_name })) ?? null,
  };
}

function write(context: Sending, filtered: Filtered | undefined): Change<Message> {
  const { room, member, input, prepared, isSilent, now } = context;
  // Who answers accepts.
  const accepted = member.request ? accept(room, member, now) : [];
  const reply_to_seq = quotedSeq(room, input);
  const { settings } = room.info;
  const expires_at = settings.disappearing_messages_enabled
    ? now + settings.disappearing_ttl_seconds * 1000
    : null;
  const names = input.metadata?.mentions;
  const said = {
    type: input.type,
    content: input.content,
    client_message_id: input.client_message_id ?? null,
    reply_to_seq,
    metadata: metadataOf(input),
    mentions: names ? resolveMentions(names, member, room.currentMembers()) : null,
    attachments: prepared ?? null,
    silent: isSilent || null,
    expires_at,
    ...(filtered ? maskedFields(context, filtered) : {}),
  };
  const { message, emission } = append(room, member.user_id, said, now);
  const about = { target_id: member.user_id, seq: message.seq };
  if (filtered) noteFiltered(room, filtered.notes, about, now);
  return { outcome: created(message), emissions: accepted.length > 0 ? [...accepted, emission] : [emission] };
}

/**
 * The attachments to confirm before sending.
 * @returns null if the message was sent before. A refusal is the same as that of sending.
 */
function claimAttachments(context: Sending): Outcome<AttachmentClaim | null> {
  const { room, member, input, limits, now } = context;
  if (firstSend(room, member, input)) return found(null);
  const attachment_ids = attachmentIds(input);
  const refusal =
    checkSender(context) ??
    checkContent(input, limits.maxMessageLength) ??
    checkForeignOrUsed(room, attachment_ids) ??
    checkPace(room, member, now);
  if (refusal) return refused(refusal);
  // A text with attachments was refused above.
  const type = input.type === "text" ? "file" : input.type;
  return found({ conversation_id: room.id, user_id: member.user_id, type, attachment_ids });
}

function checkForeignOrUsed(room: Room, ids: string[]): Failure | undefined {
  const foreign = ids.find((id) => conversationOfAttachment(id) !== room.id);
  if (foreign)
    return failure("INVALID_ATTACHMENT", "The attachment does not exist", { attachment_id: foreign });
  const [used] = boundAmong(room, ids);
  if (!used) return undefined;
  const { attachment_id } = used;
  return failure("INVALID_ATTACHMENT", "The attachment was already sent in a message", { attachment_id });
}

/** Refuses attachments that were not confirmed, or that another message has used since. */
function checkAttachments(
  room: Room,
  input: SendMessage,
  confirmed: StoredAttachment[] | undefined,
): Failure | undefined {
  const ids = attachmentIds(input);
  if (ids.length === 0) return undefined;
  if (ids.join() !== confirmed?.map((one) => one.attachment_id).join()) return failure("INVALID_ATTACHMENT");
  return checkForeignOrUsed(room, ids);
}

/** Confirms the attachments. A retry is answered in the turn, whatever happened to the files. */
function prepare(context: Sending, services: Services) {
  const claim = claimAttachments(context);
  if (!claim.ok) return claim;
  return claim.body ? services.confirmAttachments(claim.body) : undefined;
}

export const sendHandlers = {
  sendMessage: {
    needsPreparing: (input) => attachmentIds(input).length > 0,
    prepare,
    apply: sendMessage,
    // A plain message is one insert.
    isFiltered: true,
    // With filters there may be notes; who answers a stranger also accepts.
    isOneWrite: ({ member, input, prepared, filters }) =>
      !filters && !input.metadata?.mentions && !prepared && !member.request,
    after({ room, member, now }, effects) {
      const { settings } = room.info;
      const lifetime = settings.disappearing_ttl_seconds * 1000;
      if (settings.disappearing_messages_enabled) effects.ringBy(now + lifetime);
      effects.stopTyping(room, member.user_id);
    },
  },
} satisfies Partial<Handlers>;
