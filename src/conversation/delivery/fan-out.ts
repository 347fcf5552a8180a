/**
 * From one event to everybody: first the conversation's own sockets, then the hubs of the members.
 *
 * An event is encoded once. Hubs are called off the sender's path, at most one call in flight for each; what is said
 * meanwhile travels in the next call. A hub that has no socket says so and is skipped until it wakes us.
 */

import { encodeEvent, type ServerEvent } from "@rocket-chat-api/protocol";
import { backoff } from "../../domain/deadlines.ts";
import { afterDelivery, type DeliveryAnswer } from "../../domain/wake.ts";
import { errorFields, log } from "../../log.ts";
import type { Sessions } from "../../realtime/sessions.ts";
import { subjectOf } from "../messages/redaction.ts";
import { addToBatch, type DeliveredBatch, joinDelivered, newestFromOthers } from "../receipts/delivered.ts";
import type { Emission } from "../state/room.ts";
import type { Store } from "../state/store.ts";

/** Milliseconds since 1970. */
type EpochMs = number;

/** Calls to a hub that fail in a row before its events are dropped: it is told to ask for them when it is back. */
const MAX_FAILURES = 5;

/** Events for the same people, and the messages among them. */
interface Gathered {
  to: ReadonlySet<string>;
  events: ServerEvent[];
  handed: DeliveredBatch | undefined;
}

/** The same, encoded. */
interface Batch {
  to: ReadonlySet<string>;
  frames: string[];
  /** The number of each, 0 for those without one: a hub leaves out what a client has been told already. */
  seqs: number[];
  handed: DeliveredBatch | undefined;
}

/** What goes to one hub: batches wait here while a call is in flight. */
interface Lane {
  waiting: Batch[];
  busy: boolean;
  failures: number;
}

/** What the fan-out needs of its object. */
export interface FanOutHost {
  /** Splits an event about a message between those who may see the message and those who may not. */
  redact(emission: Emission, subject: string): Emission[];
  callHub(userId: string, batch: Pick<Batch, "frames" | "seqs">): Promise<DeliveryAnswer>;
  /** Messages went to the sockets of this object. */
  deliveredHere(handed: DeliveredBatch): void;
  /** A hub has handed everything up to `seq` to a device. */
  delivered(userId: string, seq: number): void;
}

export class FanOut {
  readonly #sessions: Sessions;
  readonly #store: Store;
  readonly #host: FanOutHost;
  readonly #lanes = new Map<string, Lane>();
  /** Lanes that are to begin. */
  readonly #starting = new Map<string, Lane>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #woken = new Map<string, number>();
  /** Whose events were dropped. */
  readonly #lost = new Set<string>();
  #idleHubs: Set<string> | undefined;
  #skippedAt: EpochMs = 0;
  #batches: Gathered[] = [];
  #answers = new Map<WebSocket, ServerEvent[]>();

  constructor(sessions: Sessions, store: Store, host: FanOutHost) {
    this.#sessions = sessions;
    this.#store = store;
    this.#host = host;
  }

  /** Queues the events of a change until the turn ends, for each member as they may see them. */
  add(emissions: readonly Emission[]): void {
    for (const emission of emissions) {
      const subject = subjectOf(emission.event);
      if (subject === null) this.#queue(emission);
      else for (const part of this.#host.redact(emission, subject)) this.#queue(part);
    }
  }

  #queue({ event, to }: Emission): void {
    let batch = this.#batches.at(-1);
    if (batch?.to !== to) {
      batch = { to, events: [], handed: undefined };
      this.#batches.push(batch);
    }
    batch.events.push(event);
    if (event.type !== "message.new" || event.data.type === "system") return;
    batch.handed = addToBatch(batch.handed, event.seq, event.data.sender_id);
  }

  /** Whether everybody has been told everything. */
  get isIdle(): boolean {
    return this.#lanes.size === 0 && this.#lost.size === 0 && this.#batches.length === 0;
  }

  /** Whether the turn has gathered something to tell. */
  get hasEvents(): boolean {
    return this.#batches.length > 0;
  }

  /** Tries to reach those again whose events were dropped. @param frame tells them to ask for what they missed. */
  tellLost(frame: string): void {
    for (const userId of this.#lost) {
      this.#enqueue(userId, { to: new Set([userId]), frames: [frame], seqs: [0], handed: undefined });
    }
    this.#lost.clear();
  }

  /** Queues an answer to one socket until the turn ends. */
  answer(socket: WebSocket, event: ServerEvent): void {
    const events = this.#answers.get(socket);
    if (events) events.push(event);
    else this.#answers.set(socket, [event]);
  }

  /** Sends what the turn has gathered, each event encoded once. Answers travel with the last events. */
  flush(): void {
    if (this.#batches.length === 0 && this.#answers.size === 0) return;
    const gathered = this.#batches;
    const answered = this.#answers;
    this.#batches = [];
    this.#answers = new Map();
    const batches = gathered.map(({ events, ...rest }) => ({
      ...rest,
      frames: events.map(encodeEvent),
      seqs: events.map(seqOf),
    }));
    const answers = new Map([...answered].map(([socket, events]) => [socket, events.map(encodeEvent)]));
    let hasSkipped = false;
    for (const batch of batches) {
      this.#sessions.broadcast(batch.frames, batch.to, batch === batches.at(-1) ? answers : undefined);
      if (batch.handed) this.#host.deliveredHere(batch.handed);
      for (const userId of batch.to) {
        if (this.idleHubs.has(userId)) hasSkipped = true;
        else this.#enqueue(userId, batch);
      }
    }
    if (hasSkipped) this.#skippedAt = Date.now();
    for (const [socket, frames] of answers) this.#sessions.send(socket, frames);
  }

  /**
   * A hub has a socket again: from now on it hears everything.
   * @param wake_epoch see domain/wake.ts.
   * @returns when somebody was last skipped, as far as this object remembers; 0 if nobody was.
   */
  wake(userId: string, wake_epoch: number): EpochMs {
    this.#woken.set(userId, Math.max(wake_epoch, this.#woken.get(userId) ?? 0));
    if (this.idleHubs.delete(userId)) this.#store.removeIdleHub(userId);
    return this.#skippedAt;
  }

  private get idleHubs(): Set<string> {
    this.#idleHubs ??= new Set(this.#store.idleHubs());
    return this.#idleHubs;
  }

  #enqueue(userId: string, batch: Batch): void {
    let lane = this.#lanes.get(userId);
    if (!lane) {
      lane = { waiting: [], busy: false, failures: 0 };
      this.#lanes.set(userId, lane);
    }
    lane.waiting.push(batch);
    if (lane.busy) return;
    lane.busy = true;
    this.#starting.set(userId, lane);
    this.#timer ??= setTimeout(() => this.callNow(), 0);
  }

  /**
   * Calls the hubs. Not in the turn itself: what has reached this object meanwhile travels in the same call, of which
   * each costs as much as five frames. The output gate would hold the calls until the commit all the same.
   */
  callNow(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
    const lanes = [...this.#starting];
    this.#starting.clear();
    for (const [userId, lane] of lanes) void this.#drain(userId, lane);
  }

  async #drain(userId: string, lane: Lane): Promise<void> {
    while (lane.waiting.length > 0) {
      const batch = lane.waiting.splice(0).reduce(joinBatches);
      const next = await this.#deliver(userId, batch, lane);
      if (next === "deliver_again") lane.waiting.unshift(batch);
      if (next === "skip_until_woken") lane.waiting = [];
      if (next === "given_up") this.#lost.add(userId);
    }
    this.#lanes.delete(userId);
  }

  async #deliver(userId: string, batch: Batch, lane: Lane) {
    try {
      const answer = await this.#host.callHub(userId, batch);
      lane.failures = 0;
      const next = afterDelivery(answer, this.#woken.get(userId) ?? 0);
      if (next === "delivered" && batch.handed) {
        this.#host.delivered(userId, newestFromOthers(batch.handed, userId));
      }
      if (next === "skip_until_woken" && !this.idleHubs.has(userId)) {
        this.idleHubs.add(userId);
        this.#store.addIdleHub(userId);
      }
      return next;
    } catch (error) {
      lane.failures += 1;
      log("warn", "delivery.failed", { failures: lane.failures, ...errorFields(error) });
      if (lane.failures >= MAX_FAILURES) return "given_up";
      await new Promise((resolve) => setTimeout(resolve, backoff(lane.failures)));
      return "deliver_again";
    }
  }
}

function seqOf(event: ServerEvent): number {
  return ("seq" in event && event.seq) || 0;
}

function joinBatches(older: Batch, newer: Batch): Batch {
  return {
    to: newer.to,
    frames: [...older.frames, ...newer.frames],
    seqs: [...older.seqs, ...newer.seqs],
    handed: joinDelivered(older.handed, newer.handed),
  };
}
