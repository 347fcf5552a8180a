/** The quote in a reply (rule 15). */
import {
  type Message,
  messageId,
  preview,
  REPLY_PREVIEW_LENGTH,
  type ReplyTo,
  type SendMessage,
  seqWithin,
} from "@rocket-chat-api/protocol";
import type { MessagePart } from "../state/message-part.ts";
import type { Room } from "../state/room.ts";
import type { MessageRow } from "../state/store.ts";

export const replyPart: MessagePart<Pick<Message, "reply_to">> = {
  from: "sender",
  empty: { reply_to: null },
  load(room, rows) {
    const bySeq = new Map(quotedBy(room, rows).map((row) => [row.seq, row]));
    return ({ reply_to_seq }) => {
      const row = reply_to_seq === null ? undefined : bySeq.get(reply_to_seq);
      return { reply_to: row ? toReplyTo(room, row) : null };
    };
  },
  cleared: { reply_to_seq: null },
  clear: () => undefined,
  redact: ({ reply_to }) => ({ reply_to: reply_to && redactQuote(reply_to) }),
};

/** The messages that these quote. A new message is one, and its statement is prepared. */
function quotedBy({ store }: Room, rows: readonly MessageRow[]): MessageRow[] {
  const [first, ...others] = rows.flatMap((row) => row.reply_to_seq ?? []);
  if (first === undefined) return [];
  if (others.length > 0) return store.messagesAt([first, ...others]);
  const row = store.message(first);
  return row ? [row] : [];
}

function toReplyTo(room: Room, row: MessageRow): ReplyTo {
  return {
    message_id: messageId(room.id, row.seq),
    sender: room.person(row.sender_id),
    type: row.type,
    content: preview(row.content, REPLY_PREVIEW_LENGTH),
    is_deleted: row.deleted_at !== null,
  };
}

/** A quote without its content. */
export function redactQuote({ message_id, sender, type, is_deleted }: ReplyTo): ReplyTo {
  return { message_id, sender, type, content: "", is_deleted };
}

/**
 * The position of the quoted message; null if there is no quote. An id of another conversation becomes 0, which no
 * message has.
 */
export function quotedSeq(room: Room, { reply_to_message_id }: SendMessage): number | null {
  return reply_to_message_id ? (seqWithin(room.id, reply_to_message_id) ?? 0) : null;
}
