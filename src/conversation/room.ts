/**
 * One conversation in memory: the roster, the counter, and the rows behind them.
 *
 * Everything here is synchronous. A change is written first and becomes an event after; the caller sends the events
 * in the same turn, and the output gate holds them until the rows are on disk.
 */
import { isCurrent } from "../domain/access.ts";
import type { Caller } from "../domain/caller.ts";
import { found, type Outcome } from "../domain/outcome.ts";
import type { ConversationEvent } from "../protocol/index.ts";
import type { ConversationRow, MemberRow, Store } from "./store.ts";

/** The result of a change: what the caller is told, and what everybody hears. */
export interface Change<T> {
  outcome: Outcome<T>;
  events: ConversationEvent[];
}

/** A change that changed nothing. */
export function unchanged<T>(outcome: Outcome<T>): Change<T> {
  return { outcome, events: [] };
}

export class Room {
  readonly store: Store;
  readonly info: ConversationRow;
  /** All who are or were members, by id. */
  readonly roster = new Map<string, MemberRow>();
  /** The conversation's counter: the number of the newest change that all members see. */
  head: number;
  /** Countable messages so far; see domain/unread.ts. */
  messageNo: number;
  #rev: number;
  readonly #sentNo = new Map<string, number>();

  private constructor(store: Store, info: ConversationRow) {
    this.store = store;
    this.info = info;
    const heads = store.heads();
    this.head = heads.seq;
    this.messageNo = heads.no;
    this.#rev = heads.rev;
    for (const member of store.members()) this.roster.set(member.user_id, member);
  }

  /** Reads the conversation from its rows; undefined if there is none. */
  static load(store: Store): Room | undefined {
    const info = store.exists() ? store.conversation() : undefined;
    return info && new Room(store, info);
  }

  get id(): string {
    return this.info.conversation_id;
  }

  /** Takes the next number of the counter. */
  nextSeq(): number {
    this.head += 1;
    return this.head;
  }

  /** Who is a member now. */
  currentMembers(): MemberRow[] {
    return [...this.roster.values()].filter(isCurrent);
  }

  /** The member behind a caller, if they are one now. */
  memberOf(caller: Caller): MemberRow | undefined {
    const member = this.roster.get(caller.user_id);
    return isCurrent(member) ? member : undefined;
  }

  /** Writes a row of the roster, in memory and on disk. */
  putMember(row: Omit<MemberRow, "rev">): MemberRow {
    this.#rev += 1;
    const member = { ...row, rev: this.#rev };
    this.store.putMember(member);
    this.roster.set(member.user_id, member);
    return member;
  }

  /** The newest revision of the roster. */
  get rev(): number {
    return this.#rev;
  }

  /** Countable messages that a member has sent. */
  sentNo(userId: string): number {
    let count = this.#sentNo.get(userId);
    if (count === undefined) {
      count = this.store.lastSenderNo(userId);
      this.#sentNo.set(userId, count);
    }
    return count;
  }

  /** Takes the running numbers of a new countable message. */
  countMessage(userId: string): { no: number; sender_no: number } {
    const sender_no = this.sentNo(userId) + 1;
    this.messageNo += 1;
    this.#sentNo.set(userId, sender_no);
    return { no: this.messageNo, sender_no };
  }
}

/** An answer that needed no change. */
export function answer<T>(body: T): Change<T> {
  return unchanged(found(body));
}
