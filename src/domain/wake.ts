/**
 * When a conversation skips a member's hub.
 *
 * A hub without sockets answers a delivery with "idle" and remembers the conversation. On its next connect it wakes the
 * conversations that it remembers. An "idle" and a "wake" may cross on the way, so each carries the hub's wake epoch:
 * the number of times that the hub has woken. A stale "idle" must lose against a newer "wake"; otherwise an online
 * member would receive nothing.
 */

import type { NumberedWord } from "./push-note.ts";

/** A hub's answer to a delivery. `is_lean`: all its clients take the short form of events. */
export type DeliveryAnswer = ({ idle: false; is_lean?: boolean } | { idle: true; wake_epoch: number }) & {
  /** How much of the conversation pushes to the user's devices, if they have or had any (push-note.ts). */
  push?: NumberedWord;
};

/** What a conversation does with the answer. */
type AfterDelivery = "delivered" | "skip_until_woken" | "deliver_again";

/**
 * Decides what an answer means.
 * @param wokenEpoch the newest wake epoch in a wake call from this hub; 0 if none.
 */
export function afterDelivery(answer: DeliveryAnswer, wokenEpoch: number): AfterDelivery {
  if (!answer.idle) return "delivered";
  return answer.wake_epoch < wokenEpoch ? "deliver_again" : "skip_until_woken";
}
