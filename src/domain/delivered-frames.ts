/** What a conversation hands to a user's hub. */

import type { UserSummary } from "@rocket-chat-api/protocol";

/** The place of a batch of events among all that a conversation hands to one hub. */
export interface BatchPlace {
  /** A random name of the instance of the conversation's object. Each instance counts from 1. */
  life: string;
  /** 1 is the first batch of that instance. */
  number: number;
  /** Nothing before it can be on its way with an answer: a call has been answered since. */
  follows_call?: boolean;
}

/** Events of one conversation for one hub. `seqs` are their numbers, 0 for those without one. */
export interface DeliveredFrames {
  readonly frames: readonly string[];
  /** Whose profiles the client needs before each event. Only where events are in their short form (`?lean=1`). */
  readonly people?: readonly (readonly UserSummary[])[];
  readonly seqs: readonly number[];
  readonly place: BatchPlace;
}
