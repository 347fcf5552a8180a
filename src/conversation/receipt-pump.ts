/**
 * Receipts, gathered.
 *
 * Everybody's receipts go to everybody, so a group tells them in rounds (domain/receipts.ts); a direct chat at once.
 * A round writes all delivered watermarks as one row, and tells the newest message that each watermark passed.
 */
import { type Handed, joinHanded, newestForeign } from "../domain/delivered.ts";
import { pushesReceipts, receiptInterval } from "../domain/receipts.ts";
import { messageId, timestamp } from "../protocol/index.ts";
import type { Emission, Room } from "./room.ts";

/** What the pump needs of its object. */
export interface PumpHost {
  /** Users with an open socket here since before `seq` was said. */
  liveSince(seq: number): Iterable<string>;
  /** Runs a round as a change of its own. */
  runRound(): void;
}

export class ReceiptPump {
  readonly #host: PumpHost;
  #handedHere: Handed | undefined;
  readonly #delivered = new Map<string, number>();
  readonly #read = new Map<string, { seq: number; at: number }>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: PumpHost) {
    this.#host = host;
  }

  /** Messages were handed to the sockets of this object. */
  handedHere(room: Room, handed: Handed): void {
    this.#handedHere = joinHanded(this.#handedHere, handed);
    this.#schedule(room);
  }

  /** A member's devices have everything up to `seq`. */
  delivered(room: Room, userId: string, seq: number): void {
    if (seq <= room.deliveredSeq(userId) || seq <= (this.#delivered.get(userId) ?? 0)) return;
    this.#delivered.set(userId, seq);
    this.#schedule(room);
  }

  /** A member has read up to `seq`; that is written already. */
  read(room: Room, userId: string, seq: number, at: number): void {
    this.#read.set(userId, { seq, at });
    this.#schedule(room);
  }

  #schedule(room: Room): void {
    const pause = receiptInterval(room.info.type, room.audience.size);
    // In a direct chat the end of the turn that is under way runs the round.
    if (pause === 0 || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#host.runRound();
    }, pause);
  }

  /** Whether nothing waits for a round. */
  get isIdle(): boolean {
    return this.#handedHere === undefined && this.#delivered.size === 0 && this.#read.size === 0;
  }

  /** Whether a round is due in this turn. */
  dueNow(room: Room): boolean {
    return !this.isIdle && receiptInterval(room.info.type, room.audience.size) === 0;
  }

  /** Writes what was delivered and makes the receipts of this round. */
  round(room: Room, now: number): Emission[] {
    const handed = this.#handedHere;
    this.#handedHere = undefined;
    if (handed) this.#creditLive(handed);
    const moved = room.moveDelivered(this.#delivered, now);
    this.#delivered.clear();
    const reads = [...this.#read];
    this.#read.clear();
    for (const [userId] of reads) room.toldNow(userId);
    return [
      ...[...moved].map(([userId, seq]) => receipt(room, userId, "delivered", seq, now)),
      ...reads.map(([userId, { seq, at }]) => receipt(room, userId, "read", seq, at)),
    ].flatMap((emission) => emission ?? []);
  }

  #creditLive(handed: Handed): void {
    for (const userId of this.#host.liveSince(handed.last.seq)) {
      const seq = newestForeign(handed, userId);
      if (seq > (this.#delivered.get(userId) ?? 0)) this.#delivered.set(userId, seq);
    }
  }
}

/** In a large group only one's own devices hear of it: they clear their badges. */
function receipt(
  room: Room,
  user_id: string,
  status: "delivered" | "read",
  seq: number,
  at: number,
): Emission | undefined {
  const place = room.store.placeAt(seq);
  const pushed = pushesReceipts(room.audience.size);
  if (place.seq === 0 || (!pushed && status === "delivered")) return undefined;
  const data = { message_id: messageId(room.id, place.seq), user_id, status, timestamp: timestamp(at) };
  const to = pushed ? room.audience : new Set([user_id]);
  return { event: { type: "message.receipt", conversation_id: room.id, data }, to };
}
