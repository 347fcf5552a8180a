/**
 * One conversation in memory: the roster, the counter, and access to the rows.
 *
 * Everything here is synchronous. A change is written first and becomes an event after. The caller sends the events in
 * the same turn, and the output gate holds them until the rows are on disk.
 */

import { DEFAULT_SETTINGS, type UserSummary } from "@rocket-chat-api/protocol";
import { isCurrent } from "../../domain/access.ts";
import { summaryOf } from "../../domain/caller.ts";
import { advance, type DeliveredMark, deliveredSeq } from "../../domain/delivered.ts";
import { SYSTEM } from "../../domain/system-user.ts";
import { type CountChange, countsAfter } from "../../domain/unread.ts";
import { Blocks } from "./blocks.ts";
import { erasedIn } from "./erasures.ts";
import { HiddenMessages } from "./hidden.ts";
import { DirectSentCounts, GroupSentCounts, type SentCounts } from "./sent-counts.ts";
import type { ConversationRow, MemberRow, MessageRow, Store } from "./store.ts";

export { answer, type Change, type Emission, unchanged } from "./change.ts";

/** A message's `seq` and running numbers (domain/unread.ts). */
export type MessageNumbers = Pick<MessageRow, "seq" | "no" | "sender_no">;

export class Room {
  readonly store: Store;
  /** Messages that members have deleted for themselves. */
  readonly hidden: HiddenMessages;
  /** Who has blocked whom. */
  readonly blocks: Blocks;
  info: ConversationRow;
  /** All current and former members, by id. */
  readonly roster = new Map<string, MemberRow>();
  /** The conversation's counter: the `seq` of the newest change that all members see. */
  head: number;
  /** Countable messages so far; see domain/unread.ts. */
  messageNo: number;
  /** The newest message's `seq` and time; 0 if there is none. */
  newest: { seq: number; created_at: number };
  /** Rises with every change of a row that change feeds read by revision. */
  rev: number;
  /** Counts the notes that are written (moderation-notes.ts). */
  notes = 0;
  /** People who were erased: they may do nothing, and have no name any more (rule 28). */
  readonly erased: Set<string>;
  #marks: Map<string, DeliveredMark[]> | undefined;
  /** What each member has sent so far. */
  readonly sent: SentCounts;
  #audience: ReadonlySet<string> | undefined;
  #newestJoin: number | undefined;

  private constructor(store: Store, info: ConversationRow) {
    this.store = store;
    this.hidden = new HiddenMessages(store.db);
    this.blocks = new Blocks(store.db, info.type);
    this.erased = erasedIn(store);
    this.sent = info.type === "direct" ? new DirectSentCounts(store) : new GroupSentCounts(store);
    // Old conversations get the defaults of new settings.
    const settings = { ...DEFAULT_SETTINGS[info.type], ...info.settings };
    this.info = { ...info, settings };
    const heads = store.heads();
    this.head = heads.seq;
    this.messageNo = heads.no;
    this.newest = heads.newest;
    this.rev = heads.rev;
    for (const member of store.members()) this.roster.set(member.user_id, member);
  }

  /** The delivered watermarks by member. Read when they are first asked for: what wakes a large group mostly does not. */
  get #delivered(): Map<string, DeliveredMark[]> {
    this.#marks ??= new Map(Object.entries(this.store.delivered()));
    return this.#marks;
  }

  /** Loads the conversation from its rows; undefined if there is none. */
  static load(store: Store): Room | undefined {
    const info = store.exists() ? store.conversation() : undefined;
    return info && new Room(store, info);
  }

  get id(): string {
    return this.info.conversation_id;
  }

  /** Takes the next `seq`. */
  nextSeq(): number {
    this.head += 1;
    return this.head;
  }

  /** Takes the next revision. */
  nextRev(): number {
    this.rev += 1;
    return this.rev;
  }

  /** The current members, longest-standing first. */
  currentMembers(): MemberRow[] {
    return [...this.roster.values()].filter(isCurrent);
  }

  /** The ids of the current members. The same set until the roster changes. */
  get audience(): ReadonlySet<string> {
    this.#audience ??= new Set(this.currentMembers().map((member) => member.user_id));
    return this.#audience;
  }

  /** The start of the newest membership. All members have seen all messages since then. */
  get newestJoin(): number {
    this.#newestJoin ??= this.currentMembers().reduce((seq, member) => Math.max(seq, member.joined_seq), 0);
    return this.#newestJoin;
  }

  /** A current member by id, or undefined. */
  member(userId: string): MemberRow | undefined {
    const member = this.roster.get(userId);
    return isCurrent(member) ? member : undefined;
  }

  /** A current or former member. The roster keeps everyone, so every sender is in it. */
  person(userId: string): UserSummary {
    const member = this.roster.get(userId);
    if (member) return summaryOf(member);
    if (userId === SYSTEM.user_id) return SYSTEM;
    return { user_id: userId, username: "unknown", display_name: "unknown", profile_photo_url: null };
  }

  /** Writes a row of the roster, in memory and on disk. */
  putMember(row: Omit<MemberRow, "rev">): MemberRow {
    const member = { ...row, rev: this.nextRev() };
    this.store.putMember(member);
    if (isCurrent(member) !== isCurrent(this.roster.get(member.user_id))) {
      this.#audience = undefined;
      this.#newestJoin = undefined;
    }
    this.roster.set(member.user_id, member);
    return member;
  }

  /** Updates the members' counts after changes of messages, with two statements for any number of members. */
  adjustCounts(changes: readonly CountChange[]): void {
    if (changes.length === 0) return;
    const hidden = this.hidden.hidersOf(changes.map(({ seq }) => seq));
    const isUnseen = (userId: string, { seq, sender_id }: CountChange) =>
      (hidden.get(seq)?.has(userId) ?? false) || this.blocks.unseenBy(userId).has(sender_id);
    const counts = countsAfter(this.currentMembers(), changes, isUnseen);
    if (counts.length === 0) return;
    const version = { rev: this.nextRev(), at_seq: this.head };
    this.store.putCounts(counts, version);
    for (const { user_id, ...count } of counts) {
      const member = this.roster.get(user_id);
      if (member) this.roster.set(user_id, { ...member, ...count, ...version });
    }
  }

  /**
   * Raises a member's `at_seq` to the head because the receipt goes out only now. A client that resumes from before it
   * must get the row.
   */
  stampReceipt(userId: string): void {
    const member = this.member(userId);
    if (!member || member.at_seq >= this.head) return;
    const row = { ...member, at_seq: this.head };
    this.store.putMember(row);
    this.roster.set(userId, row);
  }

  /** How far messages were delivered to a member's devices. */
  deliveredSeq(userId: string): number {
    return deliveredSeq(this.#delivered.get(userId));
  }

  deliveredMarks(userId: string): readonly DeliveredMark[] {
    return this.#delivered.get(userId) ?? [];
  }

  /** Moves delivered watermarks and writes them together. @returns the ones that moved. */
  moveDelivered(targets: ReadonlyMap<string, number>, at: number): Map<string, number> {
    const moved = new Map<string, number>();
    for (const [userId, seq] of targets) {
      const marks = advance(this.#delivered.get(userId), { seq, at, at_seq: this.head });
      if (!marks || !this.member(userId)) continue;
      this.#delivered.set(userId, marks);
      moved.set(userId, seq);
    }
    if (moved.size > 0) this.store.putDelivered(Object.fromEntries(this.#delivered));
    return moved;
  }

  /** The newest message at or below a position; 0 if there is none. */
  messageAt(seq: number): number {
    return seq >= this.newest.seq ? this.newest.seq : this.store.placeAt(seq).seq;
  }

  /** The members who have sent a message from after one position up to another. */
  sendersBetween(after: number, upTo: number): string[] {
    // With two members each one's messages can only come from the other, so nothing has to be read.
    if (this.audience.size <= 2) return [...this.audience];
    return this.sent.sendersBetween(after, upTo, this.audience);
  }

  sentNo(userId: string): number {
    return this.sent.now(userId);
  }

  /** Countable messages that a member has sent at or below a position; {@link sentNo} is the same for all of them. */
  sentNoAt(userId: string, seq: number): number {
    return this.sent.at(userId, seq);
  }

  /** Countable messages by those whom a member has blocked here: up to now, or at or below a position. */
  blockedNo(userId: string, seq?: number): number {
    const unseen = this.blocks.unseenBy(userId);
    return unseen.size === 0 ? 0 : this.sent.sum(unseen, seq);
  }

  /**
   * The numbers of the next message. @param counts false for system messages, which are never unread and take no
   * running number.
   */
  nextNumbers(senderId: string, counts: boolean): MessageNumbers {
    this.sent.beforeMessage();
    const one = counts ? 1 : 0;
    return { seq: this.head + 1, no: this.messageNo + one, sender_no: this.sentNo(senderId) + one };
  }

  /** Updates the counters after a message was written. @param at its time. */
  advance(senderId: string, { seq, no, sender_no }: MessageNumbers, at: number): void {
    this.newest = { seq, created_at: at };
    this.head = seq;
    this.messageNo = no;
    this.sent.wrote(senderId, sender_no, seq);
  }
}
