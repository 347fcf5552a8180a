/**
 * How many messages each member has sent, up to now and up to any earlier message (domain/unread.ts).
 *
 * Every message has its sender's running number, but no index leads from a sender to their messages: it would cost a row
 * for each message. In a direct conversation any message tells the numbers of both people. In a group the numbers of all
 * senders are written down now and then, as a tally, and a question reads at most the messages since one.
 */
import { MAX_SEQ } from "@rocket-chat-api/protocol";
import { SYSTEM } from "../../domain/system-user.ts";
import { sentInPair, tallyInterval } from "../../domain/unread.ts";
import type { Sent } from "./schema.ts";
import type { Store } from "./store.ts";

export interface SentCounts {
  /** Countable messages that a user has sent so far. */
  now(userId: string): number;
  /** Countable messages that a user has sent at or below a position. */
  at(userId: string, seq: number): number;
  /** Countable messages that several users have sent together: so far, or at or below a position. */
  sum(userIds: ReadonlySet<string>, seq?: number): number;
  /** The `seq` of a user's newest message of any type; undefined if there is none, or it is not known: a pair keeps none. */
  newest(userId: string): number | undefined;
  /** The users among these who have sent a message after one position and up to another. */
  sendersBetween(after: number, upTo: number, people: ReadonlySet<string>): string[];
  /** To be called before a message is written. */
  beforeMessage(): void;
  /** A message was written. */
  wrote(senderId: string, no: number, seq: number): void;
}

/** The counts of two people: what one has not sent, the other has. */
export class DirectSentCounts implements SentCounts {
  readonly #store: Store;
  /** Of those who have sent something since the first question. */
  readonly #now = new Map<string, number>();
  /** The newest message at the first question: it tells the numbers of both. */
  #newest: ReturnType<Store["placeAt"]> | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  now(userId: string): number {
    this.#newest ??= this.#store.placeAt(MAX_SEQ);
    return this.#now.get(userId) ?? sentInPair(userId, this.#newest);
  }

  at(userId: string, seq: number): number {
    let place = this.#store.placeAt(seq);
    // What the server says is neither's. There are few such messages in a row.
    while (place.sender_id === SYSTEM.user_id) place = this.#store.placeAt(place.seq - 1);
    return sentInPair(userId, place);
  }

  sum(userIds: ReadonlySet<string>, seq = MAX_SEQ): number {
    return sumOf(userIds, (userId) => (seq >= MAX_SEQ ? this.now(userId) : this.at(userId, seq)));
  }

  newest(): undefined {
    return undefined;
  }

  sendersBetween(_after: number, _upTo: number, people: ReadonlySet<string>): string[] {
    return [...people];
  }

  beforeMessage(): void {}

  wrote(senderId: string, no: number): void {
    this.#now.set(senderId, no);
  }
}

/** The counts of a group, whose senders may be many. */
export class GroupSentCounts implements SentCounts {
  readonly #store: Store;
  /** What each sender has sent so far. Read when it is first needed. */
  #now: Map<string, Sent> | undefined;
  /** The newest message, and the messages since the newest tally. */
  #newest = 0;
  #untallied = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  now(userId: string): number {
    return this.#counts().get(userId)?.[0] ?? 0;
  }

  at(userId: string, seq: number): number {
    const counts = this.#counts();
    if (seq >= this.#newest) return counts.get(userId)?.[0] ?? 0;
    const { tallies } = this.#store;
    const tally = tallies.at(seq);
    return tallies.sentNoBetween(userId, tally.seq, seq) ?? tally.sent[userId]?.[0] ?? 0;
  }

  /** However many users, it reads the messages since one tally once. */
  sum(userIds: ReadonlySet<string>, seq = MAX_SEQ): number {
    const counts = this.#counts();
    if (seq >= this.#newest) return sumOf(userIds, (userId) => counts.get(userId)?.[0] ?? 0);
    const { tallies } = this.#store;
    const tally = tallies.at(seq);
    const since = tallies.sentNosBetween(tally.seq, seq);
    return sumOf(userIds, (userId) => since.get(userId) ?? tally.sent[userId]?.[0] ?? 0);
  }

  newest(userId: string): number | undefined {
    return this.#counts().get(userId)?.[1];
  }

  sendersBetween(after: number, upTo: number, people: ReadonlySet<string>): string[] {
    const isShort = upTo - after <= tallyInterval(people.size);
    const senders = isShort ? this.#store.sendersBetween(after, upTo) : this.#sendersOfLong(after, upTo);
    return senders.filter((userId) => people.has(userId));
  }

  /** The senders in a stretch that is too long to be read: it ends with a tally, and the messages since. */
  #sendersOfLong(after: number, upTo: number): string[] {
    this.#counts();
    const tally = this.#store.tallies.at(upTo);
    const recent = this.#store.sendersBetween(Math.max(after, tally.seq), upTo);
    const earlier = Object.entries(tally.sent).filter(([, [, seq]]) => seq > after);
    return [...new Set([...recent, ...earlier.map(([userId]) => userId)])];
  }

  beforeMessage(): void {
    this.#tallyIfDue(this.#counts());
  }

  wrote(senderId: string, no: number, seq: number): void {
    this.#note(this.#counts(), senderId, [no, seq]);
  }

  /**
   * Reads the newest tally and the messages since. Tallies that are missing are written on the way: all of them the first
   * time that an old group needs one, and those of the time in which an older release of the service has run.
   */
  #counts(): Map<string, Sent> {
    if (this.#now) return this.#now;
    const tally = this.#store.tallies.at(MAX_SEQ);
    const counts = new Map(Object.entries(tally.sent));
    this.#newest = tally.seq;
    this.#untallied = 0;
    for (const [seq, sender_id, sender_no] of this.#store.tallies.sendersAfter(tally.seq)) {
      this.#tallyIfDue(counts);
      this.#note(counts, sender_id, [sender_no, seq]);
    }
    this.#now = counts;
    return counts;
  }

  #note(counts: Map<string, Sent>, senderId: string, sent: Sent): void {
    counts.set(senderId, sent);
    this.#newest = sent[1];
    this.#untallied += 1;
  }

  /** It says what is written already, so it is right whatever becomes of the next message. */
  #tallyIfDue(counts: Map<string, Sent>): void {
    if (this.#untallied < tallyInterval(counts.size)) return;
    this.#store.tallies.put(this.#newest, counts);
    this.#untallied = 0;
  }
}

function sumOf(userIds: ReadonlySet<string>, count: (userId: string) => number): number {
  let sum = 0;
  for (const userId of userIds) sum += count(userId);
  return sum;
}
