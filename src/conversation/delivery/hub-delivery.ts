/**
 * From a conversation to the hubs of its members.
 *
 * At most one call is in flight for each hub; batches that come while it is travel in the next one. A call that fails
 * is tried again. A hub without sockets answers that it is idle, and is skipped until it wakes us (domain/wake.ts). How many
 * hubs are called at a time: hub-admission.ts. The hub whose command caused the events gets them with the answer, if
 * nothing else is on its way there: that is one call less for each message. Batches are numbered, so that the hub keeps
 * their order (user-hub/batch-order.ts).
 */

import { encodeData } from "@rocket-chat-api/protocol";
import type { Command } from "../../domain/command.ts";
import { backoff } from "../../domain/deadlines.ts";
import { newestFromOthers } from "../../domain/delivered.ts";
import type { DeliveredFrames } from "../../domain/delivered-frames.ts";
import type { Outcome } from "../../domain/outcome.ts";
import type { EpochMs } from "../../domain/time.ts";
import type { MemberUnread } from "../../domain/unread.ts";
import { afterDelivery, type DeliveryAnswer } from "../../domain/wake.ts";
import { errorFields, log } from "../../log.ts";
import { metrics } from "../../metrics/metrics.ts";
import type { EncodedEvent } from "../../realtime/encoded-event.ts";
import type { HubAnswer } from "../../realtime/objects.ts";
import { HandOver, type HubBatch, joinBatches } from "./hand-over.ts";
import { HubAdmission } from "./hub-admission.ts";
import { mayChangeUnread } from "./hub-unread.ts";
import { type IdleHubRows, IdleHubs } from "./idle-hubs.ts";

/** Failed calls in a row until a hub's events are dropped. Once it can be reached, its clients are asked to sync. */
const MAX_FAILURES = 5;

/** What goes to one hub. Batches wait here while a call is in flight. */
interface Lane {
  waiting: HubBatch[];
  isBusy: boolean;
  failures: number;
  /** When the oldest batch came that waits, or is on its way. */
  since: EpochMs;
  /** How often what waited was dropped. */
  drops: number;
}

/** What the delivery needs of its object. */
export interface HubDeliveryHost {
  /** @param unread the user's counts, if they may have changed. */
  callHub(userId: string, delivered: DeliveredFrames, unread: MemberUnread | null): Promise<DeliveryAnswer>;
  /** A user's unread counts as they are now. */
  unreadOf(userId: string): MemberUnread | null;
  /** A hub has sent everything up to `seq` to a device. */
  delivered(userId: string, seq: number): void;
}

export class HubDelivery {
  readonly #host: HubDeliveryHost;
  readonly #lanes = new Map<string, Lane>();
  readonly #admission = new HubAdmission((work) => setTimeout(work, 0));
  /** Lanes whose first call has not been made. */
  readonly #starting = new Map<string, Lane>();
  /** Users whose hub waits for the answer to a command of this turn. */
  readonly #awaitingAnswer = new Set<string>();
  readonly #handOver = new HandOver();
  /** Whether a timer will call the hubs. It is never cleared: that would cost memory (`realtime/timer.ts`). */
  #isDue = false;
  /** The newest wake epoch of each hub that has woken us. */
  readonly #wakeEpochs = new Map<string, number>();
  /** Users whose events were dropped. */
  readonly #lost = new Set<string>();
  readonly #idle: IdleHubs;
  #skippedAt: EpochMs = 0;

  constructor(rows: IdleHubRows, host: HubDeliveryHost) {
    this.#idle = new IdleHubs(rows);
    this.#host = host;
  }

  /** Whether no event is on its way. */
  get isIdle(): boolean {
    return this.#lanes.size === 0 && this.#lost.size === 0;
  }

  /** Queues a batch for the hubs of these users, idle ones left out. */
  deliver(to: ReadonlySet<string>, batch: HubBatch): void {
    const awake = this.#idle.awakeAmong(to);
    for (const userId of awake) this.#enqueue(userId, batch);
    if (awake.length < to.size) this.#skippedAt = Date.now();
  }

  /** Tries again to reach users whose events were dropped. @param eventFor asks the clients of one of them to sync. */
  notifyLost(eventFor: (userId: string) => EncodedEvent): void {
    for (const userId of this.#lost) {
      this.#enqueue(userId, {
        events: [eventFor(userId)],
        seqs: [0],
        newest: undefined,
        recounted: "everyone",
      });
    }
    this.#lost.clear();
  }

  /**
   * A hub has a socket again: it receives every event from now on.
   * @param wakeEpoch see domain/wake.ts.
   * @returns when any hub was last skipped, as far as this object remembers; 0 if none was.
   */
  wake(userId: string, wakeEpoch: number): EpochMs {
    this.#wakeEpochs.set(userId, Math.max(wakeEpoch, this.#wakeEpochs.get(userId) ?? 0));
    this.#admission.woke(userId);
    this.#idle.remove(userId);
    return this.#skippedAt;
  }

  /**
   * A user has become a member. If they were one before, their hub may have been skipped since. It is called once more: it may
   * have devices by now (push/push-notes.ts).
   */
  joined(userId: string): void {
    this.#idle.remove(userId);
  }

  /** Drops what waits for a hub: its user may not see all of it any more. `sync.required` must follow. */
  dropWaiting(userId: string): void {
    const lane = this.#lanes.get(userId);
    if (!lane) return;
    lane.waiting = [];
    lane.drops += 1;
  }

  #enqueue(userId: string, batch: HubBatch): void {
    let lane = this.#lanes.get(userId);
    if (!lane) {
      lane = { waiting: [], isBusy: false, failures: 0, since: Date.now(), drops: 0 };
      this.#lanes.set(userId, lane);
    }
    lane.waiting.push(batch);
    if (lane.isBusy) return;
    lane.isBusy = true;
    this.#starting.set(userId, lane);
    this.#callSoon();
  }

  #callSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    setTimeout(() => {
      this.#isDue = false;
      this.callNow();
    }, 0);
  }

  /**
   * Executes a command of a user's hub. The events that it causes there wait for the answer and travel with it.
   * @param execute calls back inside the turn that makes the change.
   */
  async answering(
    userId: string,
    { operation }: Pick<Command, "operation">,
    execute: (reply: () => void) => Promise<Outcome<unknown>>,
  ): Promise<HubAnswer> {
    // What waits for it need not wait for hubs that may be asleep.
    if (this.#lanes.has(userId)) this.#admission.woke(userId);
    try {
      const outcome = await execute(() => this.#awaitingAnswer.add(userId));
      const encoded = outcome.ok ? { ...outcome, body: encodeData(outcome.body) } : outcome;
      const batch = this.#takeForAnswer(userId);
      // The receipt that says how far the user has read may come later.
      const hasRead = operation === "markAsRead" && outcome.ok;
      const mayChange = hasRead || (batch && mayChangeUnread(batch, userId));
      return {
        outcome: encoded,
        events: batch && this.#handOver.of(userId, batch, "answer"),
        unread: mayChange ? this.#host.unreadOf(userId) : null,
      };
    } finally {
      this.#awaitingAnswer.delete(userId);
      if (this.#starting.has(userId)) this.#callSoon();
    }
  }

  /**
   * The events that travel with an answer. Undefined if there are none, or if the hub must be called: behind a call that
   * is in flight, or because messages of others among them count as delivered only after it.
   */
  #takeForAnswer(userId: string): HubBatch | undefined {
    const lane = this.#starting.get(userId);
    if (!lane) return undefined;
    const batch = joinBatches(lane.waiting);
    if (batch.newest && newestFromOthers(batch.newest, userId) > 0) return undefined;
    this.#starting.delete(userId);
    this.#lanes.delete(userId);
    return batch;
  }

  /**
   * Calls the hubs. This happens after the turn, so that work which has arrived by then travels in the same call: a call
   * costs as much as five frames. The output gate would hold the calls until the commit anyway.
   */
  callNow(): void {
    for (const [userId, lane] of this.#starting) {
      if (this.#awaitingAnswer.has(userId)) continue;
      this.#starting.delete(userId);
      void this.#drain(userId, lane);
    }
  }

  async #drain(userId: string, lane: Lane): Promise<void> {
    while (lane.waiting.length > 0) {
      const turn = this.#admission.enter(userId);
      if (turn) await turn;
      const batch = joinBatches(lane.waiting.splice(0));
      const { drops, since } = lane;
      lane.since = Date.now();
      const next = await this.#call(userId, batch, lane);
      if (next === "deliver_again" && lane.drops === drops) {
        lane.waiting.unshift(batch);
        lane.since = since;
      }
      if (next === "delivered" && batch.newest)
        metrics.observe("delivery_seconds", (Date.now() - since) / 1_000, "hub");
      if (next === "skip_until_woken") lane.waiting = [];
      if (next === "given_up") this.#lost.add(userId);
    }
    this.#lanes.delete(userId);
  }

  async #call(userId: string, batch: HubBatch, lane: Lane) {
    try {
      const unread = mayChangeUnread(batch, userId) ? this.#host.unreadOf(userId) : null;
      const answer = await this.#host.callHub(userId, this.#handOver.of(userId, batch, "call"), unread);
      this.#handOver.answered(userId, answer);
      lane.failures = 0;
      const next = afterDelivery(answer, this.#wakeEpochs.get(userId) ?? 0);
      this.#admission.left(userId, next !== "skip_until_woken");
      if (next === "delivered" && batch.newest) {
        this.#host.delivered(userId, newestFromOthers(batch.newest, userId));
      }
      if (next === "skip_until_woken") this.#idle.add(userId);
      return next;
    } catch (error) {
      lane.failures += 1;
      this.#admission.left(userId, false);
      log("warn", "delivery.failed", { failures: lane.failures, ...errorFields(error) }, batch.trace ?? null);
      if (lane.failures >= MAX_FAILURES) return "given_up";
      await new Promise((resolve) => setTimeout(resolve, backoff(lane.failures)));
      return "deliver_again";
    }
  }
}
