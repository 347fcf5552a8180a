/** Events about many messages at once: those of retention, and of the erasure of a person. */
import type { Message, NumberedEvent } from "@rocket-chat-api/protocol";
import { seqOf } from "./ids.ts";
import { messageAt, tombstone } from "./messages.ts";
import { type Applied, applied, type ConversationState, gap } from "./state.ts";
import { canCount, readUpTo, recount } from "./unread.ts";

type DataOf<Type extends NumberedEvent["type"]> = Extract<NumberedEvent, { type: Type }>["data"];
type Range = DataOf<"messages.deleted">["ranges"][number];

/** Places right before what is loaded whose changes are noted: a page that is on its way has no older ones. */
const NOTED = 1_000;

function isWithin(ranges: readonly Range[], seq: number): boolean {
  return ranges.some(({ from_seq, to_seq }) => seq >= from_seq && seq <= to_seq);
}

/** Many messages were deleted for everyone. */
export function deletedRanges(
  state: ConversationState,
  { ranges, sender_id, reason }: DataOf<"messages.deleted">,
  changed_seq: number,
): Applied {
  const isGone = (message: Message) =>
    isWithin(ranges, message.seq) &&
    message.changed_seq < changed_seq &&
    (sender_id === null || (message.sender_id === sender_id && message.type !== "system"));
  const gone = new Set(state.messages.filter(isGone).map(({ seq }) => seq));
  const messages = state.messages.map((message) => {
    // With the person goes what their app has called the message.
    const isErased = reason === "erased" ? { client_message_id: null } : {};
    // Of what is kept no longer nothing is kept, not even what a system message has told.
    const isExpired = reason === "expired" ? { system: null } : {};
    const left = gone.has(message.seq)
      ? { ...tombstone(message, changed_seq), ...isErased, ...isExpired }
      : message;
    return quotesGone(state, left, { ranges, sender_id });
  });
  return counted(passedBy({ ...state, messages }, ranges, changed_seq), ranges);
}

/** A message whose quote shows nothing, if what it quotes is gone, loaded or not. */
function quotesGone(
  state: ConversationState,
  message: Message,
  { ranges, sender_id }: Pick<DataOf<"messages.deleted">, "ranges" | "sender_id">,
): Message {
  const quote = message.reply_to;
  if (!quote || quote.is_deleted || !isWithin(ranges, seqOf(quote.message_id))) return message;
  const isOfSender = sender_id === null || (quote.sender.user_id === sender_id && quote.type !== "system");
  if (!isOfSender) return message;
  // A message that is loaded says itself whether it was deleted.
  const quoted = messageAt(state, seqOf(quote.message_id));
  if (quoted && sender_id !== null && quoted.sender_id !== sender_id) return message;
  return { ...message, reply_to: { ...quote, content: "", is_deleted: true } };
}

/**
 * A person was erased: reactions and mentions are gone, and what named the person. What the texts are then only the server can tell,
 * so a client that has such a message loaded asks for what has changed.
 */
export function personErased(
  state: ConversationState,
  { user_id, from_seq, to_seq }: DataOf<"person.erased">,
  changed_seq: number,
): Applied {
  const ranges = [{ from_seq, to_seq }];
  const isTouched = (message: Message) =>
    isWithin(ranges, message.seq) && message.changed_seq < changed_seq && isAbout(message, user_id);
  if (state.messages.some(isTouched)) return gap({ ...state, seq: changed_seq - 1 });
  return counted(passedBy(state, ranges, changed_seq), ranges);
}

/** Whether a message may hold something of a person. */
function isAbout(message: Message, userId: string): boolean {
  return (
    (message.sender_id === userId && !message.is_deleted) ||
    message.reactions.some((one) => one.user_id === userId) ||
    message.mentions.some((one) => one.user_id === userId) ||
    message.type === "system"
  );
}

/** Notes the change for messages that are not loaded. */
function passedBy(
  state: ConversationState,
  ranges: readonly Range[],
  changed_seq: number,
): ConversationState {
  const passed_by = new Map(state.passed_by);
  for (const { from_seq, to_seq } of ranges) {
    const first = Math.max(from_seq, state.loaded_from - NOTED);
    for (let seq = first; seq <= Math.min(to_seq, state.loaded_from - 1); seq++) {
      passed_by.set(seq, Math.max(changed_seq, passed_by.get(seq) ?? 0));
    }
  }
  return { ...state, passed_by };
}

/** Counts again. Where not every unread message is loaded, only the server knows what a change of unread ones does. */
function counted(state: ConversationState, ranges: readonly Range[]): Applied {
  if (canCount(state)) return applied(recount(state));
  return ranges.some(({ to_seq }) => to_seq > readUpTo(state)) ? gap(state) : applied(state);
}
