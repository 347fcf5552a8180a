/** What a client does with what comes, as `ChatClient` does it: the pure part, which the corpus holds. */
import {
  type Applied,
  apply,
  applyFetched,
  applyFuture,
  applyPage,
  asFutureEvent,
  type ConversationState,
  emptyState,
  isStateEvent,
} from "@rocket-chat-api/client";
import type { FetchedMessage, MessagePage, ServerEvent } from "@rocket-chat-api/protocol";

/** A frame of the socket. One of a later server may have any form. */
export type Frame = ServerEvent | { type: string; [field: string]: unknown };

/** What comes to a client: a frame, an older page that it has asked for, or a message that it has fetched again. */
export type Input =
  | { frame: Frame }
  | { page: MessagePage; before_seq: number }
  | { fetched: FetchedMessage };

/** What happens to one conversation as one person sees it. */
export interface Scenario {
  /** The name of its file. */
  name: string;
  /** What it shows, in a sentence. */
  about: string;
  inputs: readonly Input[];
}

/** What became of it. @property stale messages of a page that changed while it was on its way: they are fetched again. */
export interface Taken extends Applied {
  stale?: readonly string[];
}

/** The state after something came. */
export function take(state: ConversationState, input: Input): Taken {
  if ("page" in input) {
    const { state: next, stale } = applyPage(state, input.before_seq, input.page);
    return { state: next, outcome: next === state ? "ignored" : "applied", stale };
  }
  if ("fetched" in input) {
    const next = applyFetched(state, input.fetched);
    return { state: next, outcome: next === state ? "ignored" : "applied" };
  }
  return takeFrame(state, input.frame);
}

function takeFrame(state: ConversationState, frame: Frame): Applied {
  if (frame.type === "sync.required") return required(state, frame as Required);
  if (isStateEvent(frame)) return apply(state, frame);
  const future = asFutureEvent(frame);
  return future ? applyFuture(state, future) : { state, outcome: "ignored" };
}

type Required = Extract<ServerEvent, { type: "sync.required" }>;

/** Something may be missing: who has everything up to there need not ask. With `reset` the copy is forgotten first. */
function required(state: ConversationState, event: Required): Applied {
  if (event.conversation_id !== state.conversation_id) return { state, outcome: "ignored" };
  const { conversation_id, viewer_id, preferences } = state;
  if (event.reset)
    return { state: { ...emptyState(conversation_id, viewer_id), preferences }, outcome: "gap" };
  const isKnown = event.up_to_seq !== undefined && event.up_to_seq <= state.seq;
  return { state, outcome: isKnown ? "ignored" : "gap" };
}
