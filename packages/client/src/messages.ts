/** The loaded messages of a conversation: how to find, insert and change one, with the quotes and names in others. */
import type { Message, UserSummary } from "@rocket-chat-api/protocol";
import { preview, REPLY_PREVIEW_LENGTH } from "@rocket-chat-api/protocol/facts";
import { seqOf } from "./ids.ts";
import { type ConversationState, withEntry } from "./state.ts";

/** The index of a message, or the index where it would be inserted. */
function indexOf(messages: readonly Message[], seq: number): { index: number; found: boolean } {
  let low = 0;
  let high = messages.length;
  // New messages come last: most searches end here.
  if ((messages.at(-1)?.seq ?? -1) < seq) low = high;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((messages[middle]?.seq ?? 0) < seq) low = middle + 1;
    else high = middle;
  }
  return { index: low, found: messages[low]?.seq === seq };
}

/** A loaded message, or undefined. */
export function messageAt(state: ConversationState, seq: number): Message | undefined {
  const { index, found } = indexOf(state.messages, seq);
  return found ? state.messages[index] : undefined;
}

/** The messages with this one added, or replaced by it. */
export function withMessage(messages: readonly Message[], message: Message): readonly Message[] {
  const { index, found } = indexOf(messages, message.seq);
  const copy = messages.slice();
  copy.splice(index, found ? 1 : 0, message);
  return copy;
}

/** Removes a message. */
function withoutMessage(messages: readonly Message[], seq: number): readonly Message[] {
  const { index, found } = indexOf(messages, seq);
  return found ? [...messages.slice(0, index), ...messages.slice(index + 1)] : messages;
}

/** Removes a message that the viewer has deleted for themselves. Quotes of it show nothing. */
export function hide(messages: readonly Message[], seq: number): readonly Message[] {
  const left = withoutMessage(messages, seq);
  return left.some(
    ({ reply_to }) => reply_to && seqOf(reply_to.message_id) === seq && reply_to.content !== "",
  )
    ? left.map((message) => withoutQuote(message, (quoted) => quoted === seq))
    : left;
}

/** A message without the text of what it quotes, where that is hidden. */
export function withoutQuote(message: Message, isHidden: (seq: number) => boolean): Message {
  const { reply_to } = message;
  return reply_to && isHidden(seqOf(reply_to.message_id))
    ? { ...message, reply_to: { ...reply_to, content: "" } }
    : message;
}

/** Records a change to a message that is not loaded. */
export function passBy(state: ConversationState, seq: number, changed_seq: number): ConversationState {
  const newest = Math.max(changed_seq, state.passed_by.get(seq) ?? 0);
  return { ...state, passed_by: withEntry(state.passed_by, seq, newest) };
}

/** What is left of a message that is deleted: which message it is, whose, and when. */
const KEPT: ReadonlySet<string> = new Set<keyof Message>([
  "message_id",
  "conversation_id",
  "seq",
  "sender_id",
  "sender",
  "type",
  "created_at",
  "status",
  "client_message_id",
  "is_edited",
  "edited_at",
  "expires_at",
  "system",
]);

/** A field without what it held, by its kind: so the parts of a later server's messages go with a deletion too. */
function emptied(value: unknown): unknown {
  if (Array.isArray(value)) return [];
  return typeof value === "boolean" ? false : null;
}

/** A message as it is once it is deleted for everyone: its place stays. */
export function tombstone(message: Message, changed_seq: number): Message {
  const fields = Object.entries(message).map(([name, value]) => [
    name,
    KEPT.has(name) ? value : emptied(value),
  ]);
  return { ...(Object.fromEntries(fields) as Message), content: "", is_deleted: true, changed_seq };
}

/** What a quote shows of the quoted message. A deleted one shows no text (rule 15). */
type Quoted = Pick<Message, "content" | "is_deleted">;

/** Updates the quotes of a message in the loaded messages. */
export function requote(messages: readonly Message[], seq: number, quoted: Quoted): readonly Message[] {
  const content = preview(quoted.content, REPLY_PREVIEW_LENGTH);
  const { is_deleted } = quoted;
  const isStale = ({ reply_to }: Message): boolean =>
    reply_to !== null &&
    seqOf(reply_to.message_id) === seq &&
    (reply_to.content !== content || reply_to.is_deleted !== is_deleted);
  if (!messages.some(isStale)) return messages;
  return messages.map((message) =>
    message.reply_to && isStale(message)
      ? { ...message, reply_to: { ...message.reply_to, content, is_deleted } }
      : message,
  );
}

/** Updates people's names everywhere in the loaded messages. */
export function rename(messages: readonly Message[], people: readonly UserSummary[]): readonly Message[] {
  if (people.length === 0 || messages.length === 0) return messages;
  const names = new Map(people.map((person) => [person.user_id, summary(person)]));
  return messages.map((message) => renamed(message, names));
}

function renamed(message: Message, names: ReadonlyMap<string, UserSummary>): Message {
  const { sender, reply_to, mentions, reactions } = message;
  const quoted = reply_to && names.get(reply_to.sender.user_id);
  const named = <T extends { user_id: string; username: string }>(list: T[]): T[] =>
    list.some(({ user_id }) => names.has(user_id))
      ? list.map((one) => ({ ...one, username: names.get(one.user_id)?.username ?? one.username }))
      : list;
  return {
    ...message,
    sender: names.get(sender.user_id) ?? sender,
    reply_to: reply_to && quoted ? { ...reply_to, sender: quoted } : reply_to,
    mentions: named(mentions),
    reactions: named(reactions),
  };
}

function summary({ user_id, username, display_name, profile_photo_url }: UserSummary): UserSummary {
  return { user_id, username, display_name, profile_photo_url };
}
