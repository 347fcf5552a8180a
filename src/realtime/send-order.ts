/** Keeps the sends of one socket in order (rule 20). */
import type { Lane } from "./frame-order.ts";

/**
 * A message with attachments waits until they are confirmed; what is sent after it in the same lane waits for it. Other
 * messages are written in the turn in which they come, so they are in order by themselves.
 */
export class SendOrder {
  readonly #newest = new Map<Lane, Promise<void>>();

  /** The send that the next one in this lane has to wait for, if any. */
  before(lane: Lane): Promise<void> | undefined {
    return this.#newest.get(lane);
  }

  /** Makes later sends of this lane wait. @param sent must not reject. */
  add(lane: Lane, sent: Promise<void>): void {
    this.#newest.set(lane, sent);
    void sent.then(() => this.#newest.get(lane) === sent && this.#newest.delete(lane));
  }
}
