/** What a list of messages shows, from the state, a part of the history and what is on its way: a pure function. */
import type { ConversationState } from "@rocket-chat-api/client";
import type { OutgoingMessage } from "@rocket-chat-api/client/outgoing";
import type { HistoryWindow } from "./history-window.ts";
import { pendingOf, type ShownMessage, shownOf } from "./shown-message.ts";
import { firstUnreadOf, type Opened } from "./unread-line.ts";

/** What a list of messages shows. The same object until something in it changes. */
export interface MessagesState {
  /** Oldest first; those on their way are the last. */
  readonly messages: readonly ShownMessage[];
  /** Those of `messages` that are on their way, or have failed. */
  readonly pending: readonly ShownMessage[];
  readonly hasOlder: boolean;
  /** Whether there are newer messages than these, after a jump. */
  readonly hasNewer: boolean;
  /** Whether anything is known of the conversation. */
  readonly isLoaded: boolean;
  /**
   * The first message that was unread when the conversation was opened, or else is now: where a line "new messages" goes.
   * Null if there is none, or it is not loaded (`jumpToUnread`).
   */
  readonly firstUnread: string | null;
}

const NONE: readonly never[] = [];
export const NO_MESSAGES: MessagesState = {
  ...{ messages: NONE, pending: NONE, hasOlder: false, hasNewer: false, isLoaded: false, firstUnread: null },
};

/** Whether a place is among these. */
export function isShown(messages: readonly ShownMessage[], seq: number): boolean {
  return messages.some(({ message }) => message.seq === seq);
}

/** What is shown. @param opened what was unread when the conversation was opened; null if nothing was. */
export function shown(
  state: ConversationState | undefined,
  window: HistoryWindow | null,
  outgoing: readonly OutgoingMessage[],
  opened: Opened | null,
): MessagesState {
  if (!state || state.membership === "unknown") {
    const pending = outgoing.map((one) => pendingOf(one, state));
    return pending.length === 0 ? NO_MESSAGES : { ...NO_MESSAGES, messages: pending, pending };
  }
  const { loaded, hasNewer } = joined(state, window);
  const hasOlder = window ? window.hasOlder : state.loaded_from > 0;
  const ownIds = new Set(outgoing.map((one) => one.client_message_id));
  const there = new Set<string>();
  for (const { client_message_id: id } of ownIds.size > 0 ? loaded : [])
    if (id !== null && ownIds.has(id)) there.add(id);
  const pending = outgoing.flatMap((one) =>
    there.has(one.client_message_id) ? [] : [pendingOf(one, state)],
  );
  return {
    // What is on its way comes after the newest message, so not below a part of the history.
    messages: [...loaded.map(shownOf), ...(hasNewer ? [] : pending)],
    pending,
    hasOlder,
    hasNewer,
    isLoaded: true,
    firstUnread: firstUnreadOf(state, loaded, hasOlder ? (loaded[0]?.seq ?? 0) : 0, opened),
  };
}

/** The messages of the window, and those of the state from where the two meet. */
function joined(state: ConversationState, window: HistoryWindow | null) {
  if (!window) return { loaded: state.messages, hasNewer: false };
  const { messages } = window.state;
  const last = messages.at(-1)?.seq ?? 0;
  // What lies between is not loaded, also where the state has dropped its older messages since.
  if (last < state.loaded_from) return { loaded: messages, hasNewer: true };
  const below = messages.filter(({ seq }) => seq < state.loaded_from);
  return { loaded: [...below, ...state.messages], hasNewer: false };
}
