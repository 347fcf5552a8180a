/**
 * Events of types that this client does not know: a later server's (rule 31). A numbered one advances the conversation's
 * counter like any other; the copy of the message that it names is stale.
 */
import { seqOf } from "./ids.ts";
import { messageAt, passBy } from "./messages.ts";
import { type Applied, applied, type ConversationState, placeOf } from "./state.ts";

/** What this client reads of a numbered event of an unknown type. */
export interface FutureEvent {
  type: string;
  conversation_id: string;
  seq: number;
  /** The message that has changed, if the event names one. */
  message_id: string | undefined;
}

/** Reads an event of an unknown type; undefined if it takes no number of a conversation. */
export function asFutureEvent(event: object): FutureEvent | undefined {
  const { type, conversation_id, seq, message_id, data } = event as Record<string, unknown>;
  if (typeof type !== "string" || typeof conversation_id !== "string" || !Number.isSafeInteger(seq)) {
    return undefined;
  }
  const inner =
    typeof data === "object" && data !== null ? (data as Record<string, unknown>).message_id : undefined;
  const id = [message_id, inner].find((one) => typeof one === "string");
  return { type, conversation_id, seq: seq as number, message_id: id as string | undefined };
}

/** Applies an event of an unknown type. */
export function applyFuture(state: ConversationState, event: FutureEvent): Applied {
  if (event.conversation_id !== state.conversation_id) return { state, outcome: "ignored" };
  const place = placeOf(state, event.seq);
  if (place !== "next") return { state, outcome: place === "known" ? "ignored" : "gap" };
  const next = { ...state, seq: event.seq };
  if (event.message_id === undefined) return applied(next);
  const seq = seqOf(event.message_id);
  if (state.hidden.has(seq)) return applied(next);
  if (!messageAt(state, seq)) return applied(passBy(next, seq, event.seq));
  return applied({ ...next, stale: new Map(state.stale).set(seq, event.seq) });
}
