/**
 * Receipts, gathered.
 *
 * A group tells them in rounds (domain/receipts.ts); a direct chat at once. What somebody has read goes to everybody, and
 * soon; what was delivered goes to those who sent it, and waits longer while messages follow each other.
 * A round writes all delivered watermarks as one row, and tells the newest message that each watermark passed.
 */

import { messageId, timestamp } from "@rocket-chat-api/protocol";
import type { Emission, Room } from "../state/room.ts";
import { type DeliveredBatch, joinDelivered, newestFromOthers } from "./delivered.ts";
import {
  afterRound,
  deliveryInterval,
  newRoundBudget,
  pushesReceipts,
  type RoundBudget,
  receiptInterval,
} from "./pacing.ts";

/** Frames that a turn tells receipts with, about: messages wait while a turn sends. */
const FRAMES_PER_TURN = 1_000;
/** Pause until the next turn tells more of a round, in milliseconds. */
const NEXT_TURN_MS = 20;
/** So long a round that was not prompt waits for a message with which it can travel, in milliseconds. */
const RIDE_MS = 1_000;

/** What the pump needs of its object. */
export interface ReceiptBatcherHost {
  /** Users with an open socket here since before `seq` was said. */
  liveSince(seq: number): Iterable<string>;
  /** Runs a round as a change of its own. */
  flushSoon(): void;
}

export class ReceiptBatcher {
  readonly #host: ReceiptBatcherHost;
  #deliveredHere: DeliveredBatch | undefined;
  readonly #delivered = new Map<string, number>();
  readonly #read = new Map<string, { seq: number; at: number }>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dueAt = 0;
  /** A round of what was delivered is due, and goes with the next message. */
  #isDueWithNextMessage = false;
  #budget: RoundBudget = newRoundBudget(0);
  /** Of a round that is told in several turns: what the next ones tell. */
  #untold: Emission[] = [];

  constructor(host: ReceiptBatcherHost) {
    this.#host = host;
  }

  /** Messages were handed to the sockets of this object. */
  deliveredHere(room: Room, handed: DeliveredBatch): void {
    this.#deliveredHere = joinDelivered(this.#deliveredHere, handed);
    this.#scheduleDelivered(room);
  }

  /** A member's devices have everything up to `seq`. */
  delivered(room: Room, userId: string, seq: number): void {
    if (seq <= room.deliveredSeq(userId) || seq <= (this.#delivered.get(userId) ?? 0)) return;
    this.#delivered.set(userId, seq);
    this.#scheduleDelivered(room);
  }

  /** A member has read up to `seq`; that is written already. */
  read(room: Room, userId: string, seq: number, at: number): void {
    this.#read.set(userId, { seq, at });
    this.#scheduleRead(room, at);
  }

  #scheduleRead(room: Room, now: number): void {
    this.#schedule(receiptInterval(room.info.type, room.audience.size), now);
  }

  #scheduleDelivered(room: Room): void {
    // A round that comes anyway takes it along.
    if (this.#timer !== undefined) return;
    const now = Date.now();
    const shortest = receiptInterval(room.info.type, room.audience.size);
    const pause = deliveryInterval(shortest, this.#budget, now);
    this.#schedule(pause, now, pause > shortest);
  }

  /** @param rides whether the round waits for a message once it is due. */
  #schedule(pause: number, now: number, rides = false): void {
    // In a direct chat the end of the turn that is under way runs the round.
    if (pause === 0 || (this.#timer !== undefined && this.#dueAt <= now + pause)) return;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#dueAt = now + pause;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      // What somebody has read waits for nobody.
      this.#isDueWithNextMessage = rides && this.#read.size === 0;
      if (this.#isDueWithNextMessage) this.#schedule(RIDE_MS, this.#dueAt);
      else this.#host.flushSoon();
    }, pause);
  }

  /** Whether nothing waits for a round. */
  get isIdle(): boolean {
    const nothingNew =
      this.#deliveredHere === undefined && this.#delivered.size === 0 && this.#read.size === 0;
    return nothingNew && this.#untold.length === 0;
  }

  /** Whether a round is due that goes with what this turn tells. */
  get isDueWithNextMessage(): boolean {
    return this.#isDueWithNextMessage && !this.isIdle;
  }

  /** Whether a round is due in this turn. */
  dueNow(room: Room): boolean {
    return !this.isIdle && receiptInterval(room.info.type, room.audience.size) === 0;
  }

  /** What a turn is to tell: the receipts of a new round, or more of the last. */
  flush(room: Room, now: number): Emission[] {
    if (this.#untold.length === 0) this.#untold = this.#newRound(room, now);
    const emissions: Emission[] = [];
    for (let frames = 0; frames < FRAMES_PER_TURN; ) {
      const next = this.#untold.shift();
      if (!next) break;
      emissions.push(next);
      frames += next.to.size;
    }
    if (this.#untold.length > 0) this.#schedule(NEXT_TURN_MS, now);
    // What has come while the last round was told waits for one of its own.
    else if (this.#read.size > 0) this.#scheduleRead(room, now);
    else if (!this.isIdle) this.#scheduleDelivered(room);
    return emissions;
  }

  /** Writes what was delivered and makes the receipts. */
  #newRound(room: Room, now: number): Emission[] {
    this.#isDueWithNextMessage = false;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
    const handed = this.#deliveredHere;
    this.#deliveredHere = undefined;
    const shortest = receiptInterval(room.info.type, room.audience.size);
    this.#budget = afterRound(this.#budget, shortest, now);
    if (handed) this.#creditLive(handed);
    const passed = new PassedMessages(room);
    const before = new Map([...this.#delivered.keys()].map((userId) => [userId, passed.startOf(userId)]));
    const moved = room.moveDelivered(this.#delivered, now);
    this.#delivered.clear();
    const reads = [...this.#read];
    this.#read.clear();
    for (const [userId] of reads) room.toldNow(userId);
    const isPushed = pushesReceipts(room.audience.size);
    const delivered = [...moved].flatMap(([userId, seq]) => {
      // In a large group they are asked for.
      const senders = isPushed ? passed.senders(userId, before.get(userId) ?? 0, seq) : NOBODY;
      return receipt(room, userId, "delivered", passed.newestAt(seq), now, senders) ?? [];
    });
    const read = reads.flatMap(([userId, { seq, at }]) => {
      // In a large group one's own devices hear it, and clear their badges.
      const to = isPushed ? room.audience : new Set([userId]);
      return receipt(room, userId, "read", passed.newestAt(seq), at, to) ?? [];
    });
    return [...delivered, ...read];
  }

  #creditLive(handed: DeliveredBatch): void {
    for (const userId of this.#host.liveSince(handed.last.seq)) {
      const seq = newestFromOthers(handed, userId);
      if (seq > (this.#delivered.get(userId) ?? 0)) this.#delivered.set(userId, seq);
    }
  }
}

const NOBODY: ReadonlySet<string> = new Set();

/** The messages that watermarks passed in one round: mostly the same ones, so each stretch is looked at once. */
class PassedMessages {
  readonly #room: Room;
  readonly #newest = new Map<number, number>();
  readonly #senders = new Map<string, string[]>();
  /** Receipts that go to the same people share a set, so that they travel together. */
  readonly #sets = new Map<string, ReadonlySet<string>>();

  constructor(room: Room) {
    this.#room = room;
  }

  /** Behind which position a member's next messages begin: nothing was said to them before they joined. */
  startOf(userId: string): number {
    return Math.max(this.#room.deliveredSeq(userId), this.#room.member(userId)?.joined_seq ?? 0);
  }

  /** The newest message at or below a position; 0 if there is none. */
  newestAt(seq: number): number {
    const place = this.#newest.get(seq) ?? this.#room.messageAt(seq);
    this.#newest.set(seq, place);
    return place;
  }

  /** The other members who have sent what a member's watermark has passed. */
  senders(userId: string, after: number, upTo: number): ReadonlySet<string> {
    const stretch = `${after} ${upTo}`;
    const all = this.#senders.get(stretch) ?? this.#room.sendersBetween(after, upTo);
    this.#senders.set(stretch, all);
    const others = all.filter((sender) => sender !== userId).sort();
    const set = this.#sets.get(others.join()) ?? new Set(others);
    this.#sets.set(others.join(), set);
    return set;
  }
}

/** @param seq of the newest message that was passed; 0 if there is none. */
function receipt(
  room: Room,
  user_id: string,
  status: "delivered" | "read",
  seq: number,
  at: number,
  to: ReadonlySet<string>,
): Emission | undefined {
  if (seq === 0 || to.size === 0) return undefined;
  const data = {
    message_id: messageId(room.id, seq),
    up_to: true as const,
    user_id,
    status,
    timestamp: timestamp(at),
  };
  return { event: { type: "message.receipt", conversation_id: room.id, data }, to };
}
