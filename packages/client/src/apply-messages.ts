/** Events about messages. An event does not load a message: it only changes quotes and counts of one that is not loaded. */
import type { Message, NumberedEvent } from "@rocket-chat-api/protocol";
import { plain } from "./apply-sync.ts";
import { seqOf } from "./ids.ts";
import { hide, messageAt, passBy, requote, tombstone, withMessage } from "./messages.ts";
import { type Applied, applied, type ConversationState, gap, ignored } from "./state.ts";
import { readUpTo, recountOne } from "./unread.ts";

type DataOf<Type extends NumberedEvent["type"]> = Extract<NumberedEvent, { type: Type }>["data"];

/** A new message. */
export function said(state: ConversationState, message: Message): ConversationState {
  return {
    ...state,
    is_hidden: false,
    messages: withMessage(state.messages, message),
    ...recountOne(state, undefined, message),
  };
}

/** A message was edited. */
export function edited(
  state: ConversationState,
  data: DataOf<"message.edited">,
  changed_seq: number,
): Applied {
  const { message_id, ...text } = data;
  const seq = seqOf(message_id);
  const quoted = { content: data.content, is_deleted: false };
  return changeMessage(state, seq, changed_seq, quoted, (message) => ({ ...message, ...text, changed_seq }));
}

/** A message was deleted for everyone. */
export function deleted(state: ConversationState, seq: number, changed_seq: number): Applied {
  const quoted = { content: "", is_deleted: true };
  return changeMessage(state, seq, changed_seq, quoted, (message) => tombstone(message, changed_seq));
}

function changeMessage(
  state: ConversationState,
  seq: number,
  changed_seq: number,
  quoted: Pick<Message, "content" | "is_deleted">,
  change: (message: Message) => Message,
): Applied {
  const messages = requote(state.messages, seq, quoted);
  const before = messageAt(state, seq);
  if (!before) return changedUnseen({ ...state, messages }, seq, changed_seq);
  // A page may have brought the change before the event.
  if (before.changed_seq >= changed_seq) return applied({ ...state, messages });
  const after = change(messageAt({ ...state, messages }, seq) ?? before);
  const counts = recountOne(state, before, after);
  return applied({ ...state, messages: withMessage(messages, after), ...counts });
}

/** A change to a message that is not loaded. If it is unread, only the server knows what it does to the counts. */
function changedUnseen(state: ConversationState, seq: number, changed_seq: number): Applied {
  if (state.hidden.has(seq)) return applied(state);
  const next = passBy(state, seq, changed_seq);
  return seq > readUpTo(state) && seq < state.loaded_from ? gap(next) : applied(next);
}

/** A reaction was added or removed. */
export function reacted(
  state: ConversationState,
  data: DataOf<"message.reaction">,
  changed_seq: number,
): ConversationState {
  const { user_id, username, emoji, action } = data;
  const seq = seqOf(data.message_id);
  const message = messageAt(state, seq);
  if (!message) return state.hidden.has(seq) ? state : passBy(state, seq, changed_seq);
  if (message.changed_seq >= changed_seq) return state;
  const others = message.reactions.filter((one) => one.user_id !== user_id || one.emoji !== emoji);
  const reactions = action === "add" ? [...others, { emoji, user_id, username }] : others;
  return { ...state, messages: withMessage(state.messages, { ...message, reactions, changed_seq }) };
}

/** Fields of a message have changed. They replace those of the copy, known or not, as a fetch would. */
export function patched(
  state: ConversationState,
  { message_id, patch }: DataOf<"message.updated">,
  changed_seq: number,
): Applied {
  const seq = seqOf(message_id);
  // The server leaves out what has not changed; a field that is there is never undefined.
  const fields = patch as Partial<Message>;
  // A moderator has brought it back: it may be unread again.
  const isBack = fields.is_deleted === false;
  const message = messageAt(state, seq);
  if (!message && isBack) {
    const messages = requote(state.messages, seq, { content: fields.content ?? "", is_deleted: false });
    return changedUnseen({ ...state, messages }, seq, changed_seq);
  }
  if (!message) return applied(state.hidden.has(seq) ? state : passBy(state, seq, changed_seq));
  if (message.changed_seq >= changed_seq) return applied(state);
  const after = plain({ receipt_status: "sent", ...message, ...fields, changed_seq });
  const counts = isBack ? recountOne(state, message, after) : {};
  return applied({ ...state, messages: withMessage(requote(state.messages, seq, after), after), ...counts });
}

/** The viewer has deleted a message for themselves. */
export function hidden(state: ConversationState, seq: number): Applied {
  if (state.hidden.has(seq)) return ignored(state);
  const message = messageAt(state, seq);
  const next = {
    ...state,
    hidden: new Set(state.hidden).add(seq),
    messages: hide(state.messages, seq),
    ...recountOne(state, message, undefined),
  };
  return !message && seq > readUpTo(state) && seq < state.loaded_from ? gap(next) : applied(next);
}
