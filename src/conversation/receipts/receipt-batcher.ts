/**
 * Gathers receipts, and sends them together.
 *
 * A direct chat flushes them in the turn that caused them, a group at intervals (pacing.ts). Read receipts go to all
 * members, after the shortest interval. Delivery receipts go to the senders, and wait longer while messages follow each
 * other: such a flush goes with the next message, or by itself if none comes.
 */

import { type DeliveredBatch, joinDelivered, newestFromOthers } from "../../domain/delivered.ts";
import type { EpochMs } from "../../domain/time.ts";
import { Timer } from "../../realtime/timer.ts";
import type { Emission, Room } from "../state/room.ts";
import { afterFlush, deliveryInterval, type FlushBudget, newFlushBudget, receiptInterval } from "./pacing.ts";
import { type ReadUpTo, writeReceipts } from "./write-receipts.ts";

/** Frames of receipts in one turn, about: messages wait while a turn sends. */
const FRAMES_PER_TURN = 1_000;
/** Milliseconds until the next turn sends the rest. */
const NEXT_TURN_MS = 20;
/** Milliseconds after which a flush that has failed is tried again. */
const RETRY_MS = 1_000;
/** Milliseconds that a flush waits for a message with which it can travel. */
const WAIT_FOR_MESSAGE_MS = 1_000;

/** What the batcher needs of its object. */
export interface ReceiptBatcherHost {
  /** Users with a socket here that has been open since before `seq`. */
  liveSince(seq: number): Iterable<string>;
  /** Calls {@link ReceiptBatcher.flush} in a change of its own. */
  flushSoon(): void;
}

export class ReceiptBatcher {
  readonly #host: ReceiptBatcherHost;
  /** The newest messages that went to the sockets of this object. */
  #deliveredHere: DeliveredBatch | undefined;
  readonly #delivered = new Map<string, number>();
  readonly #read = new Map<string, ReadUpTo>();
  readonly #timer = new Timer(() => this.#onDue());
  #dueAt: EpochMs = 0;
  /** Whether the scheduled flush, once due, may wait for a message. */
  #mayWait = false;
  #waitsForMessage = false;
  #budget: FlushBudget = newFlushBudget(0);
  /** Where the conversation's counter stood at the last flush. */
  #flushedHead: number | undefined;
  /** The rest of a flush that takes several turns. */
  #unsent: Emission[] = [];

  constructor(host: ReceiptBatcherHost) {
    this.#host = host;
  }

  /** Messages went to the sockets of this object. */
  deliveredHere(room: Room, newest: DeliveredBatch): void {
    this.#deliveredHere = joinDelivered(this.#deliveredHere, newest);
    this.#scheduleDelivered(room);
  }

  /** A member's devices have everything up to `seq`. */
  delivered(room: Room, userId: string, seq: number): void {
    if (seq <= room.deliveredSeq(userId) || seq <= (this.#delivered.get(userId) ?? 0)) return;
    this.#delivered.set(userId, seq);
    this.#scheduleDelivered(room);
  }

  /** A member has read up to `seq`, which is written already. */
  read(room: Room, userId: string, seq: number, at: EpochMs): void {
    this.#read.set(userId, { seq, at });
    this.#scheduleRead(room, at);
  }

  #scheduleRead(room: Room, now: EpochMs): void {
    this.#schedule(receiptInterval(room.info.type, room.audience.size), now);
  }

  #scheduleDelivered(room: Room): void {
    // A flush that is scheduled already includes it.
    if (this.#timer.isSet) return;
    const now = Date.now();
    const shortest = receiptInterval(room.info.type, room.audience.size);
    const pause = deliveryInterval(shortest, this.#budget, now);
    this.#schedule(pause, now, pause > shortest);
  }

  /** @param mayWait whether the flush, once due, may wait another second for a message to travel with. */
  #schedule(pause: number, now: EpochMs, mayWait = false): void {
    // A direct chat has no pause: it flushes at the end of the turn.
    if (pause === 0 || (this.#timer.isSet && this.#dueAt <= now + pause)) return;
    this.#dueAt = now + pause;
    this.#mayWait = mayWait;
    this.#timer.set(pause);
  }

  #onDue(): void {
    // Read receipts do not wait.
    this.#waitsForMessage = this.#mayWait && this.#read.size === 0;
    if (this.#waitsForMessage) this.#schedule(WAIT_FOR_MESSAGE_MS, this.#dueAt);
    else this.#host.flushSoon();
  }

  /** Whether there are no receipts to send. */
  get isIdle(): boolean {
    const nothingNew =
      this.#deliveredHere === undefined && this.#delivered.size === 0 && this.#read.size === 0;
    return nothingNew && this.#unsent.length === 0;
  }

  /** Whether a flush is due that should travel with the events of this turn. */
  get isDueWithNextMessage(): boolean {
    return this.#waitsForMessage && !this.isIdle;
  }

  /** Whether a flush is due in this turn, as in every turn of a direct chat. */
  isDueNow(room: Room): boolean {
    return !this.isIdle && receiptInterval(room.info.type, room.audience.size) === 0;
  }

  /** The receipts that a turn should send: those of a new flush, or more of the last one. */
  flush(room: Room, now: EpochMs): Emission[] {
    if (this.#unsent.length === 0) this.#unsent = this.#write(room, now);
    const emissions: Emission[] = [];
    for (let frames = 0; frames < FRAMES_PER_TURN; ) {
      const next = this.#unsent.shift();
      if (!next) break;
      emissions.push(next);
      frames += next.to.size;
    }
    if (this.#unsent.length > 0) this.#schedule(NEXT_TURN_MS, now);
    // What has come since the last flush began needs one of its own.
    else if (this.#read.size > 0) this.#scheduleRead(room, now);
    else if (!this.isIdle) this.#scheduleDelivered(room);
    return emissions;
  }

  /** A flush could not be written. What it has gathered waits, and another one tries again. */
  failed(now: EpochMs): void {
    if (!this.isIdle) this.#schedule(RETRY_MS, now);
  }

  /** Writes what has gathered, and makes the receipts. */
  #write(room: Room, now: EpochMs): Emission[] {
    this.#waitsForMessage = false;
    this.#timer.stop();
    const shortest = receiptInterval(room.info.type, room.audience.size);
    this.#budget = afterFlush(this.#budget, shortest, room.head - (this.#flushedHead ?? room.head), now);
    this.#flushedHead = room.head;
    if (this.#deliveredHere) this.#creditLive(this.#deliveredHere);
    this.#deliveredHere = undefined;
    const emissions = writeReceipts(room, this.#delivered, this.#read, now);
    this.#delivered.clear();
    this.#read.clear();
    return emissions;
  }

  /** Everyone with a socket here has received the others' messages. */
  #creditLive(newest: DeliveredBatch): void {
    for (const userId of this.#host.liveSince(newest.last.seq)) {
      const seq = newestFromOthers(newest, userId);
      if (seq > (this.#delivered.get(userId) ?? 0)) this.#delivered.set(userId, seq);
    }
  }
}
