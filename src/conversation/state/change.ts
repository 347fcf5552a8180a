/** What a change of a conversation results in. */
import type { ConversationEvent, ServerEvent } from "@rocket-chat-api/protocol";
import { found, type Outcome } from "../../domain/outcome.ts";

/** An event and its recipients. */
export interface Emission {
  event: ConversationEvent | Extract<ServerEvent, { type: "sync.required" }>;
  to: ReadonlySet<string>;
}

/** The result of a change: the answer, the events, and what ends with it. */
export interface Change<T> {
  outcome: Outcome<T>;
  emissions: Emission[];
  /** People who have become members, perhaps again. */
  joined?: string[];
  /** Members who were removed and get no further events. */
  removed?: string[];
  /** Attachments that no message shows any more. */
  discarded?: string[];
}

/** An outcome without a change. */
export function unchanged<T>(outcome: Outcome<T>): Change<T> {
  return { outcome, emissions: [] };
}

/** A success without a change. */
export function answer<T>(body: T): Change<T> {
  return unchanged(found(body));
}
