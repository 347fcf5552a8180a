/** Unread counts: counted if everything unread is loaded, otherwise adjusted or asked for. */
import type { Message } from "@rocket-chat-api/protocol";
import type { ConversationState, Watermarks } from "./state.ts";

/** Where the viewer has read up to. */
export function readUpTo(state: ConversationState): number {
  return state.watermarks.get(state.viewer_id)?.last_read_seq ?? 0;
}

/** Whether the viewer can have a message unread: one of another member, not the server's, not deleted. */
function isCountable(state: ConversationState, message: Message): boolean {
  return message.sender_id !== state.viewer_id && message.type !== "system" && !message.is_deleted;
}

/** Whether a message mentions the viewer (rule 14). */
function callsViewer(state: ConversationState, message: Message): boolean {
  const named = message.mentions_all || message.mentions.some(({ user_id }) => user_id === state.viewer_id);
  return named && isCountable(state, message);
}

/** Whether every unread message is loaded. */
export function canCount(state: ConversationState): boolean {
  return state.loaded_from <= readUpTo(state) + 1;
}

/** Counts again. Only if {@link canCount}. */
export function recount(state: ConversationState): ConversationState {
  const above = readUpTo(state);
  let unread_count = 0;
  let unread_mentions = 0;
  for (let index = state.messages.length - 1; index >= 0; index--) {
    const message = state.messages[index];
    if (!message || message.seq <= above) break;
    if (isCountable(state, message)) unread_count += 1;
    if (callsViewer(state, message)) unread_mentions += 1;
  }
  return { ...state, unread_count, unread_mentions };
}

/** The counts after one loaded message has become another; undefined stands for none. */
export function recountOne(
  state: ConversationState,
  before: Message | undefined,
  after: Message | undefined,
): Pick<ConversationState, "unread_count" | "unread_mentions"> {
  const above = readUpTo(state);
  const is = (test: typeof isCountable, message: Message | undefined): number =>
    message && message.seq > above && test(state, message) ? 1 : 0;
  return {
    unread_count: state.unread_count + is(isCountable, after) - is(isCountable, before),
    unread_mentions: state.unread_mentions + is(callsViewer, after) - is(callsViewer, before),
  };
}

/** Two states of the same watermarks: they only move forward, unless the membership is another (rule 19). */
export function joinWatermarks(known: Watermarks | undefined, told: Watermarks): Watermarks {
  if (!known || known.joined_seq < told.joined_seq) return told;
  if (known.joined_seq > told.joined_seq) return known;
  return {
    joined_seq: known.joined_seq,
    last_read_seq: Math.max(known.last_read_seq, told.last_read_seq),
    last_delivered_seq: Math.max(known.last_delivered_seq, told.last_delivered_seq),
  };
}
