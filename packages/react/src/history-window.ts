/**
 * A part of the history away from the newest messages, after a jump: pages around a place, kept up to date by the same
 * events as the rest. Values are never changed in place.
 */
import {
  apply,
  applyFetched,
  type ConversationState,
  type FetchedMessage,
  isStateEvent,
  type Message,
  type MessagePage,
  type ServerEvent,
  seqOf,
} from "@rocket-chat-api/client";

export interface HistoryWindow {
  /** A state that holds these messages only. */
  readonly state: ConversationState;
  readonly hasOlder: boolean;
}

/** A window of one page around a place. */
export function windowOf(state: ConversationState, page: MessagePage): HistoryWindow {
  const messages = upwards(state, page.messages);
  return { state: { ...state, messages }, hasOlder: page.has_more };
}

/** The window with a page of older messages. */
export function withOlder(window: HistoryWindow, page: MessagePage): HistoryWindow {
  const { state } = window;
  const first = state.messages[0]?.seq ?? Number.POSITIVE_INFINITY;
  const older = upwards(state, page.messages).filter(({ seq }) => seq < first);
  return { ...window, state: { ...state, messages: [...older, ...state.messages] }, hasOlder: page.has_more };
}

/** The window with a page of newer messages. */
export function withNewer(window: HistoryWindow, page: MessagePage): HistoryWindow {
  const { state } = window;
  const last = state.messages.at(-1)?.seq ?? 0;
  const newer = upwards(state, page.messages).filter(({ seq }) => seq > last);
  return { ...window, state: { ...state, messages: [...state.messages, ...newer] } };
}

/** Applies an event to the messages of a window. New messages are not in it. */
export function followed(window: HistoryWindow, event: ServerEvent): HistoryWindow {
  if (!isStateEvent(event) || event.type === "message.new") return window;
  const state =
    event.type === "conversation.sync" ? synced(window.state, event.data) : forced(window.state, event);
  return state.messages === window.state.messages ? window : { ...window, state };
}

/** Applies an event wherever the counter is: changes to messages carry their own number, so an old one does nothing. */
function forced(state: ConversationState, event: Parameters<typeof apply>[1]): ConversationState {
  const seq = "seq" in event && event.seq !== undefined ? event.seq - 1 : state.seq;
  return apply({ ...state, seq, membership: "member" }, event).state;
}

function synced(
  state: ConversationState,
  changes: { messages: readonly FetchedMessage[]; hidden_message_ids: readonly string[] },
): ConversationState {
  const next = changes.messages.reduce(applyFetched, state);
  const hidden = new Set(changes.hidden_message_ids.map(seqOf));
  if (!next.messages.some(({ seq }) => hidden.has(seq))) return next;
  return { ...next, messages: next.messages.filter(({ seq }) => !hidden.has(seq)) };
}

/** A page as the state holds messages: oldest first, without what the viewer has hidden, and without whose view it is. */
function upwards(state: ConversationState, page: readonly FetchedMessage[]): Message[] {
  return page
    .filter(({ seq }) => !state.hidden.has(seq))
    .map(({ receipt_status: _, ...message }): Message => ({ ...message, status: "sent" }))
    .reverse();
}
