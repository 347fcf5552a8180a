/**
 * When a conversation skips a member's hub.
 *
 * A hub without sockets answers "asleep" and remembers who asked; on its next connect it wakes those it remembers.
 * Both messages may pass each other, so each carries the hub's wake_epoch: the number of times it has woken. A stale
 * "asleep" must lose against a newer "wake", or an online member would hear nothing.
 */

/** A hub's answer to a delivery. */
export type DeliveryAnswer = { idle: false } | { idle: true; wake_epoch: number };

/** What a conversation does after a hub's answer. */
export type AfterDelivery = "delivered" | "skip_until_woken" | "deliver_again";

/**
 * Decides what an answer means.
 * @param wokenEpoch the newest wake_epoch that this hub has woken us with, 0 if none.
 */
export function afterDelivery(answer: DeliveryAnswer, wokenEpoch: number): AfterDelivery {
  if (!answer.idle) return "delivered";
  return answer.wake_epoch < wokenEpoch ? "deliver_again" : "skip_until_woken";
}
