/**
 * Writes what has changed to the directory, after the commit and off the sender's path.
 *
 * It is a reader with a cursor like any other: it asks for the rows changed after the cursor, writes them in one
 * batch, and moves the cursor. The cursor is written down by the alarm, not by each batch, for that would be a commit
 * of its own: an object that dies in between writes its last batches again, which changes nothing. One batch is in flight at most, so what gathers meanwhile shares the next. When D1 is
 * down it tries again by alarm until D1 has it; nothing else waits for it.
 */

import type { Flush } from "../../directory/projection.ts";
import { backoff } from "../../domain/deadlines.ts";
import { errorFields, log } from "../../log.ts";
import { marksOf } from "../messages/attachments.ts";
import type { HiddenRow } from "../state/hidden.ts";
import type { Room } from "../state/room.ts";
import type { Cursor, MemberRow, MessageRow } from "../state/store.ts";

/** Messages in one batch, at most. */
const BATCH = 100;
/** Characters of their texts, at most: D1 takes 2 MB a parameter, and a character is up to 6 bytes of JSON. */
const BATCH_CHARACTERS = 250_000;
/**
 * What nobody waits for gathers so long before it is written, in milliseconds: a batch costs D1, and the bill, about as
 * much as many rows. A REST write does not wait for it.
 */
const GATHER_MS = 200;
/** So long after a batch, in milliseconds: where something is said all the time, one batch in two seconds. */
const GATHER_MORE_MS = 2_000;
/** The alarm that resumes an interrupted projection rings after this long, in milliseconds. */
const SAFETY_NET_MS = 5_000;
const CURSOR = "directory";

/** What the projector needs of its object. */
export interface ProjectorHost {
  room(): Room | undefined;
  write(flush: Flush): Promise<void>;
  /** Takes the messages out of the directory. */
  clear(conversationId: string): Promise<void>;
  ringBy(time: number): void;
  /** Resolves when everything written so far is on disk. */
  committed(): Promise<void>;
}

/** Somebody who waits until the directory has come so far. */
interface Waiter extends Cursor {
  done(): void;
}

export class Projector {
  readonly #host: ProjectorHost;
  #isRunning = false;
  /** Everything is to be written again, from nothing. */
  #mustClear = false;
  #waiters: Waiter[] = [];
  /** Ends the gathering. */
  #hurry: () => void = () => {};
  #failures = 0;
  #retryAt: number | undefined;
  /** When the last batch was written, in milliseconds since 1970. */
  #writtenAt = 0;
  /** How far the directory is; what is written down may lag behind. */
  #cursor: Cursor | undefined;

  constructor(host: ProjectorHost) {
    this.#host = host;
  }

  /** To be called in the turn of a change: makes sure that it is projected, also if the object dies meanwhile. */
  changed(now: number): void {
    this.#host.ringBy(now + SAFETY_NET_MS);
    if (this.#retryAt === undefined) this.#start();
  }

  /** The alarm has rung. */
  alarm(now: number): void {
    if (this.#retryAt !== undefined && this.#retryAt > now) {
      this.#host.ringBy(this.#retryAt);
      return;
    }
    this.#retryAt = undefined;
    this.#writeCursor(now);
    this.#hurry();
    this.#start();
  }

  /**
   * Forgets what has been projected: the next run writes everything again. First it takes away the messages that are there:
   * what was said between the loss of the directory and now would else stand before what is older.
   */
  fromZero(now: number): void {
    const room = this.#host.room();
    if (!room) return;
    this.#mustClear = true;
    this.#cursor = { seq: 0, rev: 0 };
    room.store.setCursor(CURSOR, this.#cursor);
    this.changed(now);
  }

  /** Writes down how far the directory is; what is on its way is looked at again. */
  #writeCursor(now: number): void {
    const room = this.#host.room();
    if (!room) return;
    const cursor = this.#cursorOf(room);
    if (!hasReached(room.store.cursor(CURSOR), cursor)) room.store.setCursor(CURSOR, cursor);
    if (!hasReached(cursor, { seq: room.head, rev: room.rev })) this.#host.ringBy(now + SAFETY_NET_MS);
  }

  #cursorOf(room: Room): Cursor {
    this.#cursor ??= room.store.cursor(CURSOR);
    return this.#cursor;
  }

  /** Waits until everything written so far is in the directory, or for `ms` milliseconds, or until D1 fails. */
  async settled(ms: number): Promise<void> {
    const room = this.#host.room();
    if (!room || !this.#isRunning) return;
    const target = { seq: room.head, rev: room.rev };
    if (hasReached(this.#cursorOf(room), target)) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      const done = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#waiters.push({ ...target, done });
      this.#hurry();
    });
  }

  #start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    void this.#run();
  }

  async #run(): Promise<void> {
    // What the turn has written and sent goes first: the queries below would delay both.
    await this.#host.committed();
    await this.#gather(gatheringAfter(Date.now() - this.#writtenAt));
    for (;;) {
      const room = this.#host.room();
      const from = room && this.#cursorOf(room);
      const batch = from && nextBatch(room, from);
      // In the same breath as the look: a change after it starts a new run.
      if (!batch) return this.#stop();
      try {
        if (this.#mustClear) await this.#host.clear(room.id);
        this.#mustClear = false;
        await this.#host.write(batch.flush);
        this.#failures = 0;
        // Unless it was set back meanwhile.
        if (this.#cursor === from) this.#cursor = batch.cursor;
        this.#tellWaiters(batch.cursor);
        this.#writtenAt = Date.now();
        // Nothing waits where nothing has come: a timer would keep the object from its sleep.
        const hasMore = !hasReached(batch.cursor, { seq: room.head, rev: room.rev });
        if (hasMore && !batch.isFull) await this.#gather(GATHER_MORE_MS);
      } catch (error) {
        return this.#postpone(error);
      }
    }
  }

  /** Lets changes gather, unless somebody waits. */
  async #gather(ms: number): Promise<void> {
    if (this.#waiters.length > 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #stop(): void {
    this.#isRunning = false;
    for (const { done } of this.#waiters.splice(0)) done();
  }

  #tellWaiters(cursor: Cursor): void {
    const waiting = this.#waiters;
    this.#waiters = waiting.filter((waiter) => !hasReached(cursor, waiter));
    for (const waiter of waiting) if (hasReached(cursor, waiter)) waiter.done();
  }

  #postpone(error: unknown): void {
    this.#failures += 1;
    this.#retryAt = Date.now() + backoff(this.#failures);
    this.#host.ringBy(this.#retryAt);
    log("warn", "projection.failed", { failures: this.#failures, ...errorFields(error) });
    this.#stop();
  }
}

/** Milliseconds to gather what has changed so long after the last batch; a clock may jump back. */
function gatheringAfter(sinceLast: number): number {
  return sinceLast < 0 ? GATHER_MS : Math.max(GATHER_MS, GATHER_MORE_MS - sinceLast);
}

function hasReached(cursor: Cursor, target: Cursor): boolean {
  return cursor.seq >= target.seq && cursor.rev >= target.rev;
}

/** What the directory lacks, at most one batch of it; undefined when it has everything. */
function nextBatch(
  room: Room,
  cursor: Cursor,
): { flush: Flush; cursor: Cursor; isFull: boolean } | undefined {
  if (hasReached(cursor, { seq: room.head, rev: room.rev })) return undefined;
  const missed = room.store.missedSince(cursor.seq, BATCH);
  const taken = fitting(missed);
  const hasNewRows = room.rev > cursor.rev;
  const members = hasNewRows ? room.store.membersChangedAfter(cursor.rev) : [];
  const complete = missed.length < BATCH && taken.length === missed.length;
  const seq = complete ? room.head : (taken.at(-1)?.position ?? room.head);
  const messages = taken.map(({ message }) => message);
  const hidden = hasNewRows ? room.hidden.afterRev(cursor.rev) : [];
  const flush = toFlush(room, seq, members, messages, hidden);
  return { flush, cursor: { seq, rev: room.rev }, isFull: !complete };
}

/** As many of the first messages as fit into a batch, and at least one. */
function fitting<T extends { message: MessageRow }>(missed: T[]): T[] {
  let characters = 0;
  const tooMany = missed.findIndex(({ message }, i) => {
    characters += message.content.length;
    return i > 0 && characters > BATCH_CHARACTERS;
  });
  return tooMany < 0 ? missed : missed.slice(0, tooMany);
}

function toFlush(
  room: Room,
  seq: number,
  members: MemberRow[],
  messages: MessageRow[],
  hidden: HiddenRow[],
): Flush {
  const { changed_seq: _, settings: __, ...info } = room.info;
  const senders = new Set(messages.map((message) => message.sender_id));
  return {
    conversation: {
      ...info,
      member_count: room.audience.size,
      seq,
      message_no: room.messageNo,
      last_message_seq: room.newest.seq,
      last_activity_at: room.newest.created_at || info.created_at,
    },
    members: members.map(toProjectedMember),
    messages: messages.map(toProjected),
    hidden,
    attachments: marksOf(room, messages),
    sent: [...senders].map((user_id) => ({ user_id, sent_no: room.sentNo(user_id) })),
  };
}

/** What the directory keeps of a member: names and photos are its own. */
function toProjectedMember(row: MemberRow): Flush["members"][number] {
  const { user_id, role, joined_seq, left_seq, last_read_seq, read_no, read_sent_no } = row;
  const { unread_deleted, unread_mentions, hidden_seq, rev } = row;
  return {
    user_id,
    role,
    joined_seq,
    left_seq,
    last_read_seq,
    read_no,
    read_sent_no,
    unread_deleted,
    unread_mentions,
    hidden_seq,
    rev,
  };
}

/** What the directory keeps of a message. */
function toProjected(row: MessageRow): Flush["messages"][number] {
  const { seq, changed_seq, sender_id, type, content, created_at, edited_at, deleted_at, expires_at } = row;
  return { seq, changed_seq, sender_id, type, content, created_at, edited_at, deleted_at, expires_at };
}
