/** Answers repeated sends with the first message, whatever has changed since (rule 12). */
import type { Message, SendMessage } from "@rocket-chat-api/protocol";
import { attachmentIds } from "../../domain/attachments.ts";
import { found, type Outcome, refused } from "../../domain/outcome.ts";
import type { Context } from "../state/handler.ts";
import type { Change, Room } from "../state/room.ts";
import type { MemberRow, MessageRow } from "../state/store.ts";
import { hashOfSent, isSameSend, type SendFingerprint } from "./idempotency.ts";
import { redactOwn } from "./redaction.ts";
import { quotedSeq } from "./reply.ts";
import { earlierVersions } from "./text.ts";
import { toMessages } from "./views.ts";

type Sending = Context<"sendMessage">;

/** The answer to a repeated send, or undefined. */
export function retried({ room, member, input }: Sending): Change<Message> | undefined {
  const first = firstSend(room, member, input);
  return first && { outcome: answerRetry(room, member, first, input), emissions: [] };
}

/** The message of an earlier send with the same id. */
export function firstSend(room: Room, member: MemberRow, input: SendMessage): MessageRow | undefined {
  const { client_message_id } = input;
  return client_message_id ? room.store.messageByClientId(member.user_id, client_message_id) : undefined;
}

function answerRetry(room: Room, member: MemberRow, first: MessageRow, input: SendMessage): Outcome<Message> {
  const { type, content } = input;
  const again = {
    type,
    content: first.sent_hash === null ? content : hashOfSent(content),
    reply_to_seq: quotedSeq(room, input),
    metadata: metadataOf(input),
    attachment_ids: attachmentIds(input),
  };
  if (!isSameSend(original(room, first), again)) {
    return refused("CONFLICT", "This client_message_id was already used for a different message");
  }
  const [message] = toMessages(room, [first], member.user_id);
  return message ? found(redactOwn(room, member, message)) : refused("NOT_FOUND");
}

/** The message as it was first sent; undefined after it was deleted, because its text is gone. */
function original(room: Room, row: MessageRow): SendFingerprint | undefined {
  if (row.deleted_at !== null) return undefined;
  const sent = { ...row, attachment_ids: (row.attachments ?? []).map((one) => one.attachment_id) };
  const [first] = row.edited_at === null ? [] : earlierVersions(room, row.seq, 0, 0);
  const unedited = first ? { ...sent, content: first.content, metadata: first.metadata } : sent;
  return row.sent_hash === null ? unedited : { ...unedited, content: row.sent_hash };
}

/** Metadata as it is stored. */
export function metadataOf(input: SendMessage): string | null {
  return input.metadata ? JSON.stringify(input.metadata) : null;
}
