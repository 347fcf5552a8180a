/**
 * From one event to everybody: first the conversation's own sockets, then the hubs of the members.
 *
 * An event is encoded once. Hubs are called off the sender's path, at most one call in flight for each; what is said
 * meanwhile travels in the next call. A hub that has no socket says so and is skipped until it wakes us.
 */
import { backoff } from "../domain/deadlines.ts";
import { afterDelivery, type DeliveryAnswer } from "../domain/wake.ts";
import { log } from "../log.ts";
import type { Sessions } from "../objects/sessions.ts";
import { type ConversationEvent, encodeEvent } from "../protocol/index.ts";
import type { Store } from "./store.ts";

/** Calls to a hub that fail in a row before it must catch up by itself: the next event shows it the gap. */
const MAX_FAILURES = 5;

/** What goes to one hub: frames wait here while a call is in flight. */
interface Lane {
  waiting: (readonly string[])[];
  busy: boolean;
  failures: number;
}

export type CallHub = (userId: string, frames: string[]) => Promise<DeliveryAnswer>;

export class FanOut {
  readonly #sessions: Sessions;
  readonly #store: Store;
  readonly #callHub: CallHub;
  readonly #lanes = new Map<string, Lane>();
  readonly #woken = new Map<string, number>();
  #asleep: Set<string> | undefined;
  #frames: string[] = [];
  #recipients: () => Iterable<string> = () => [];

  constructor(sessions: Sessions, store: Store, callHub: CallHub) {
    this.#sessions = sessions;
    this.#store = store;
    this.#callHub = callHub;
  }

  /**
   * Queues events of this turn.
   * @param recipients the members who hear them, asked once when the turn ends.
   */
  add(events: readonly ConversationEvent[], recipients: () => Iterable<string>): void {
    if (events.length === 0) return;
    for (const event of events) this.#frames.push(encodeEvent(event));
    this.#recipients = recipients;
  }

  /** Sends what the turn has gathered. */
  flush(): void {
    if (this.#frames.length === 0) return;
    const frames = this.#frames;
    this.#frames = [];
    this.#sessions.broadcast(frames);
    for (const userId of this.#recipients()) {
      if (!this.asleep.has(userId)) this.#enqueue(userId, frames);
    }
  }

  /** A hub has a socket again: from now on it hears everything. @param generation see domain/wake.ts. */
  wake(userId: string, generation: number): void {
    this.#woken.set(userId, Math.max(generation, this.#woken.get(userId) ?? 0));
    if (this.asleep.delete(userId)) this.#store.removeAsleep(userId);
  }

  private get asleep(): Set<string> {
    this.#asleep ??= new Set(this.#store.asleep());
    return this.#asleep;
  }

  #enqueue(userId: string, frames: readonly string[]): void {
    let lane = this.#lanes.get(userId);
    if (!lane) {
      lane = { waiting: [], busy: false, failures: 0 };
      this.#lanes.set(userId, lane);
    }
    lane.waiting.push(frames);
    if (!lane.busy) void this.#drain(userId, lane);
  }

  async #drain(userId: string, lane: Lane): Promise<void> {
    lane.busy = true;
    while (lane.waiting.length > 0) {
      const batch = lane.waiting.splice(0).flat();
      const next = await this.#deliver(userId, batch, lane);
      if (next === "deliver_again") lane.waiting.unshift(batch);
      if (next === "skip_until_woken") lane.waiting = [];
    }
    this.#lanes.delete(userId);
  }

  async #deliver(userId: string, batch: string[], lane: Lane) {
    try {
      const answer = await this.#callHub(userId, batch);
      lane.failures = 0;
      const next = afterDelivery(answer, this.#woken.get(userId) ?? 0);
      if (next === "skip_until_woken" && !this.asleep.has(userId)) {
        this.asleep.add(userId);
        this.#store.addAsleep(userId);
      }
      return next;
    } catch (error) {
      lane.failures += 1;
      log("warn", "delivery.failed", { failures: lane.failures, error: String(error) });
      if (lane.failures >= MAX_FAILURES) return "delivered";
      await new Promise((resolve) => setTimeout(resolve, backoff(lane.failures)));
      return "deliver_again";
    }
  }
}
