import type { Room } from "../state/room.ts";

/**
 * The messages that watermarks pass in one flush. Most watermarks pass the same ones, so each stretch is looked up
 * once.
 */
export class PassedMessages {
  readonly #room: Room;
  readonly #newest = new Map<number, number>();
  readonly #senders = new Map<string, string[]>();
  /** Receipts that go to the same people share a set, so that they travel together. */
  readonly #sets = new Map<string, ReadonlySet<string>>();

  constructor(room: Room) {
    this.#room = room;
  }

  /** The position after which a member's next messages come. Messages from before they joined are not theirs. */
  startOf(userId: string): number {
    return Math.max(this.#room.deliveredSeq(userId), this.#room.member(userId)?.joined_seq ?? 0);
  }

  /** The newest message at or below a position; 0 if there is none. */
  newestAt(seq: number): number {
    const newest = this.#newest.get(seq) ?? this.#room.messageAt(seq);
    this.#newest.set(seq, newest);
    return newest;
  }

  /** The other members who have sent the messages that a member's watermark has passed. */
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
