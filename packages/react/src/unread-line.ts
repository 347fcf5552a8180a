/** Where the line "new messages" goes: pure functions. */
import type { ConversationState, Message } from "@rocket-chat-api/client";

/** What was unread when a conversation was opened. */
export interface Opened {
  /** Nothing up to this place was unread. */
  readonly above: number;
  /** How many messages were unread. */
  readonly count: number;
}

/** Where the viewer has read up to; 0 is nothing. */
export function readUpTo(state: ConversationState): number {
  return state.watermarks.get(state.viewer_id)?.last_read_seq ?? 0;
}

/** Whether the viewer can have a message unread: one of another member, not the server's, not deleted. */
function isCountable(state: ConversationState, { sender_id, type, is_deleted }: Message): boolean {
  return sender_id !== state.viewer_id && type !== "system" && !is_deleted;
}

/**
 * The place up to which nothing is unread: just before the first unread message, if all of them are loaded, else where the viewer has
 * read up to. Between the two may lie any number of the viewer's own messages.
 */
export function unreadAbove(state: ConversationState): number {
  const above = readUpTo(state);
  let left = state.unread_count;
  for (let index = state.messages.length - 1; index >= 0; index--) {
    const message = state.messages[index];
    if (!message || message.seq <= above) break;
    if (isCountable(state, message)) left -= 1;
    if (left === 0) return message.seq - 1;
  }
  return above;
}

/**
 * Notes what was unread when a conversation was opened, and finds it more closely as messages are loaded, while none of it was read.
 * @param known what was noted before: undefined is nothing yet, null is that nothing was unread.
 */
export function noteOpened(
  known: Opened | null | undefined,
  state: ConversationState | undefined,
): Opened | null | undefined {
  if (known === null || state?.membership !== "member") return known;
  const { unread_count: count } = state;
  if (known === undefined) return count > 0 ? { above: unreadAbove(state), count } : null;
  const above = count < known.count ? 0 : unreadAbove(state);
  return above > known.above ? { above, count: known.count } : known;
}

/**
 * The first unread message; null if there is none among these.
 * @param loaded messages without a hole, oldest first.
 * @param oldest everything from this place on is loaded.
 */
export function firstUnreadOf(
  state: ConversationState,
  loaded: readonly Message[],
  oldest: number,
  opened: Opened | null,
): string | null {
  if (opened === null && state.unread_count === 0) return null;
  const above = opened?.above ?? unreadAbove(state);
  // An earlier one may not be loaded.
  if (oldest > above + 1) return null;
  return loaded.find((message) => message.seq > above && isCountable(state, message))?.message_id ?? null;
}
