/**
 * Tells the hubs of members with devices what is new to them: a consumer of the conversation's changes.
 *
 * A hub that is called with events gets its note with them. The others are called by the change feed, gathered, off the
 * sender's path. A hub may get the same news twice, and leaves out what it knows. If nobody has a device, none of this runs.
 */
import type { NotedMessage, NumberedWord, PushNote } from "../../domain/push-note.ts";
import type { EpochMs } from "../../domain/time.ts";
import type { Trace } from "../../domain/trace.ts";
import { errorFields, log } from "../../log.ts";
import { concurrently } from "../../realtime/concurrently.ts";
import type { Batch, Consumer } from "../consumers/consumer.ts";
import type { Cursor } from "../state/cursor.ts";
import type { Room } from "../state/room.ts";
import { type News, newsSince, noteOf, noteOfNews, unreadOfWord } from "./note.ts";
import type { PushWords } from "./push-words.ts";
import { RecentTraces } from "./recent-traces.ts";

/** The name of the cursor. */
export const PUSH = "push";
/** Messages that one batch looks at, at most: the newest ones. */
const BATCH = 200;
/** Hubs that are called at a time. */
const CONCURRENCY = 16;
/** Milliseconds until the alarm looks after hubs that are being told. */
const SAFETY_NET_MS = 5_000;

/** What the notes need of their object. */
export interface PushNotesHost {
  room(): Room | undefined;
  /** How far the change feed has come. */
  cursor(): Cursor;
  /** The feed begins here: nobody was told of anything before. */
  startAt(cursor: Cursor): void;
  /** Gives a note to a hub. @returns the hub's word about this conversation. */
  callHub(userId: string, note: PushNote): Promise<NumberedWord>;
  ringBy(time: EpochMs): void;
  waitUntil(work: Promise<unknown>): void;
}

export class PushNotes implements Consumer<Room, Map<string, PushNote>> {
  readonly name = PUSH;
  readonly gatherMs = 200;
  readonly intervalMs = 1_000;
  readonly #words: PushWords;
  readonly #host: PushNotesHost;
  /** What hubs know, where that is more than the feed's cursor says. */
  readonly #noted = new Map<string, Cursor>();
  /** Hubs that know that they are not told of everything. Lost with this object: then they hear it once more. */
  readonly #stale = new Set<string>();
  /** The counter of the state that each hub has asked for last. The answer to an earlier note may come after it. */
  readonly #asked = new Map<string, number>();
  /** Up to where batches have left out a hub that was behind. */
  readonly #leftOut = new Map<string, number>();
  readonly #traces = new RecentTraces();
  #catchingUp: Promise<void> | undefined;
  #isAskedAgain = false;

  constructor(words: PushWords, host: PushNotesHost) {
    this.#words = words;
    this.#host = host;
  }

  /** Whether any member has a device that wants to hear of something. */
  isWanted(): boolean {
    return this.#words.isWanted;
  }

  /** A change has taken these numbers. */
  caused(from: number, upTo: number, trace: Trace): void {
    if (this.isWanted()) this.#traces.add(from, upTo, trace);
  }

  nextBatch(room: Room, cursor: Cursor): Batch<Map<string, PushNote>> {
    const news = newsSince(room, cursor, BATCH);
    const notes = new Map<string, PushNote>();
    for (const { user_id, behind_seq } of this.#words.wanting()) {
      if (behind_seq !== null) {
        this.#leftOut.set(user_id, room.head);
        continue;
      }
      const note = this.#newsFor(room, user_id, this.#since(user_id, cursor), news);
      if (note) notes.set(user_id, note);
    }
    return { rows: notes, cursor: { seq: room.head, rev: room.rev } };
  }

  async write(notes: Map<string, PushNote>): Promise<undefined> {
    await concurrently([...notes], CONCURRENCY, async ([userId, note]) => {
      await this.#give(userId, note);
    });
  }

  /** The note that travels with events to a hub; undefined if there is none. */
  noteWithEvents(userId: string): PushNote | undefined {
    const room = this.#host.room();
    if (!room || this.#words.of(userId) === "none") return undefined;
    const behind = this.#words.behind(userId);
    const since = behind === undefined ? this.#since(userId, this.#host.cursor()) : { seq: behind, rev: 0 };
    return this.#newsFor(room, userId, since, newsSince(room, since, BATCH));
  }

  /**
   * A hub has answered a call with events.
   * @param word what it says of this conversation; an older release says nothing.
   * @param note what went with the events.
   * @param seqs the numbers of the events, 0 for those without one.
   */
  answered(
    userId: string,
    word: NumberedWord | undefined,
    note: PushNote | undefined,
    seqs: readonly number[],
  ): void {
    // A hub of an older release has not looked at the note.
    if (note && word) this.#isNoted(userId, note);
    const numbered = seqs.filter((seq) => seq > 0);
    const begin = numbered.length > 0 ? Math.min(...numbered) - 1 : (this.#host.room()?.head ?? 0);
    if (word) this.#learn(userId, word, begin);
  }

  /**
   * What a hub asks for: the member's state, and one message as it is now.
   * @param seq of that message; 0 for none.
   * @param word how much the hub is to be told from now on. What was said so far is in the answer, or decided.
   * @param isRaised the word asks for more than the one before: the unread messages are part of the answer.
   */
  stateOf(userId: string, seq: number, word?: NumberedWord, isRaised = false): PushNote | undefined {
    const room = this.#host.room();
    if (!room) return undefined;
    if (word) this.#learn(userId, word, room.head);
    this.#stale.delete(userId);
    this.#asked.set(userId, room.head);
    this.#isReachable(userId);
    const state = noteOf(room, userId, seq);
    return this.#traced(
      word && isRaised ? { ...state, messages: unreadOfWord(room, userId, word.word) } : state,
    );
  }

  /** Tries again to reach hubs that are behind. */
  alarm(now: EpochMs): void {
    const behind = this.#words.wanting().filter(({ behind_seq }) => behind_seq !== null);
    if (behind.length === 0) return;
    for (const { retry_at } of behind) this.#host.ringBy(Math.max(retry_at ?? 0, now + SAFETY_NET_MS));
    this.#catchUp();
  }

  /** A hub that has failed calls: it is told at once what it has missed. */
  #isReachable(userId: string): void {
    const behind = this.#words.behind(userId);
    if (behind === undefined || !this.#words.hasFailed(userId)) return;
    this.#words.setBehind(userId, behind);
    this.#catchUp();
  }

  #since(userId: string, cursor: Cursor): Cursor {
    const noted = this.#noted.get(userId);
    return noted && noted.seq >= cursor.seq && noted.rev >= cursor.rev ? noted : cursor;
  }

  #newsFor(room: Room, userId: string, since: Cursor, news: News): PushNote | undefined {
    const word = this.#words.of(userId);
    const { note, isNews, isPartial } = noteOfNews(room, userId, word, since, news);
    if (!isPartial) return isNews ? this.#traced(note, news) : undefined;
    if (!isNews && this.#stale.has(userId)) return undefined;
    return { ...this.#traced(note, news), is_stale: true };
  }

  /** A note whose messages say what they came of, and its changes what they were made by. */
  #traced(note: PushNote, news?: News): PushNote {
    const traced = (message: NotedMessage) => ({ ...message, trace: this.#traces.of(message.seq) });
    const madeBy = (seq: number) => news?.changed.find((row) => row.seq === seq)?.changed_seq ?? 0;
    return {
      ...note,
      messages: note.messages.map(traced),
      left: note.left.map(traced),
      changed: note.changed.map((change) => ({ ...change, trace: this.#traces.of(madeBy(change.seq)) })),
    };
  }

  #learn(userId: string, word: NumberedWord, behind: number): void {
    const room = this.#host.room();
    if (!room?.member(userId)) return;
    const wasWanted = this.#words.isWanted;
    if (!this.#words.set(userId, word, behind)) return;
    if (!wasWanted && this.#words.isWanted) this.#host.startAt({ seq: room.head, rev: room.rev });
    if (this.#words.behind(userId) !== undefined) this.#catchUp();
  }

  /** Gives a note to a hub. If that fails, the hub is behind until the alarm has reached it. */
  async #give(userId: string, note: PushNote): Promise<void> {
    const from = this.#words.behind(userId) ?? this.#since(userId, this.#host.cursor()).seq;
    try {
      const word = await this.#host.callHub(userId, note);
      this.#isNoted(userId, note);
      this.#learn(userId, word, note.seq);
    } catch (error) {
      log("warn", "push.not_noted", { ...errorFields(error) }, note.messages[0]?.trace);
      this.#host.ringBy(this.#words.setFailed(userId, from, Date.now()));
    }
  }

  #isNoted(userId: string, note: PushNote): void {
    this.#noted.set(userId, { seq: note.seq, rev: note.rev });
    if (note.is_stale && note.seq > (this.#asked.get(userId) ?? 0)) this.#stale.add(userId);
    if (!note.is_member) this.#words.remove(userId);
    this.#isBehind(userId, note.seq);
  }

  /** A hub that was behind knows everything up to `seq`. What batches have left out since comes next. */
  #isBehind(userId: string, seq: number): void {
    if (this.#words.behind(userId) === undefined) return;
    const head = this.#host.room()?.head ?? 0;
    const isComplete = seq >= Math.min(head, this.#leftOut.get(userId) ?? 0);
    this.#words.setBehind(userId, isComplete ? null : seq);
    if (isComplete) this.#leftOut.delete(userId);
    else this.#catchUp();
  }

  /** Tells the hubs that are behind, also those that come to be so in between. */
  #catchUp(): void {
    this.#isAskedAgain = true;
    this.#catchingUp ??= this.#tellBehind().finally(() => {
      this.#catchingUp = undefined;
    });
    this.#host.waitUntil(this.#catchingUp);
  }

  async #tellBehind(): Promise<void> {
    while (this.#isAskedAgain) {
      this.#isAskedAgain = false;
      const now = Date.now();
      const behind = this.#words
        .wanting()
        .filter(({ behind_seq, retry_at }) => behind_seq !== null && isDue(retry_at, now));
      await concurrently(behind, CONCURRENCY, async ({ user_id }) => {
        const note = this.noteWithEvents(user_id);
        if (note) await this.#give(user_id, note);
        else this.#words.setBehind(user_id, null);
      });
    }
  }
}

/** Whether a hub that has failed is to be tried again. */
function isDue(retryAt: EpochMs | null, now: EpochMs): boolean {
  return retryAt === null || retryAt <= now;
}
