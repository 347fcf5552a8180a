/**
 * Hands a conversation's changes to one consumer outside of it, after the commit and off the sender's path.
 *
 * The consumer has a cursor: the feed asks it for what changed after the cursor, lets it write that as one batch, and
 * moves the cursor. At most one batch is in flight; changes that come while it is share the next one. If a write
 * fails, the alarm tries again until it succeeds, and nothing else waits for that.
 *
 * The alarm saves the cursor, not each batch, because that would be a commit of its own. It rings before an idle object is put away,
 * so the object still knows how far the feed has come. An object that dies earlier writes its last batches again, so a consumer must
 * be able to take the same batch twice; then it saves the cursor at their end, or it would be put away and woken for ever.
 */

import { backoff, SAFETY_NET_MS } from "../../domain/deadlines.ts";
import type { EpochMs } from "../../domain/time.ts";
import type { Trace } from "../../domain/trace.ts";
import { errorFields, log } from "../../log.ts";
import { metrics } from "../../metrics/metrics.ts";
import { type Cursor, hasReached, headOf, needsReset, setBackTo } from "../state/cursor.ts";
import { BatchingPause, batchingPauseMs } from "./batching-pause.ts";
import type { ChangeSource, Consumer } from "./consumer.ts";

/** A consumer that is further behind than this is in the log, in milliseconds: an alert begins there (docs/operating.md). */
const LAG_LIMIT_MS = 30_000;

/** What a feed needs of its object. */
export interface ChangeFeedHost<Source extends ChangeSource> {
  /** The conversation; undefined if the object holds none. */
  source(): Source | undefined;
  ringBy(time: EpochMs): void;
  /** Resolves when everything written so far is on disk. */
  committed(): Promise<void>;
}

/** Milliseconds that a timer which is not needed any more may keep the object awake. Without it, it stays so for ten seconds. */
const LONGEST_IDLE_TIMER_MS = 10_000;

/** Waits until the consumer has come this far. */
interface Waiter extends Cursor {
  done(): void;
}

export class ChangeFeed<Source extends ChangeSource, Rows> {
  readonly #consumer: Consumer<Source, Rows>;
  readonly #host: ChangeFeedHost<Source>;
  readonly #pause = new BatchingPause();
  readonly #waiters = new Set<Waiter>();
  #isRunning = false;
  #failures = 0;
  #retryAt: EpochMs | undefined;
  /** When the last batch was written. */
  #writtenAt: EpochMs = 0;
  /** When the oldest change came that the consumer does not have yet, and what has made it; undefined if it has all. */
  #behind: { since: EpochMs; trace: Trace | undefined } | undefined;
  /** How far the consumer is; the saved cursor may lag behind. */
  #cursor: Cursor | undefined;
  /** Whether the run saves the cursor at its end: in a life that began with the alarm, nothing else may come. */
  #savesAtEnd = false;

  constructor(consumer: Consumer<Source, Rows>, host: ChangeFeedHost<Source>) {
    this.#consumer = consumer;
    this.#host = host;
  }

  /** To be called in the turn of a change: makes sure that the consumer gets it, even if the object dies. */
  changed(now: EpochMs, trace?: Trace): void {
    if (this.#consumer.isWanted?.() === false) return;
    this.#host.ringBy(now + SAFETY_NET_MS);
    this.#behind ??= { since: now, trace };
    if (this.#retryAt === undefined) this.#start();
  }

  /** The alarm has rung. It also ends the pause: it may ring for another reason, and a batch too early costs little. */
  alarm(now: EpochMs): void {
    if (this.#consumer.isWanted?.() === false) return;
    if (this.#retryAt !== undefined && this.#retryAt > now) {
      this.#host.ringBy(this.#retryAt);
      return;
    }
    this.#retryAt = undefined;
    this.#savesAtEnd ||= this.#cursor === undefined;
    this.#saveCursor(now);
    this.#pause.end();
    this.#start();
  }

  /** Writes everything again, after a {@link Consumer.reset}. */
  fromZero(now: EpochMs): void {
    const source = this.#host.source();
    if (!source) return;
    this.#cursor = setBackTo(0);
    source.store.setCursor(this.#consumer.name, this.#cursor);
    this.changed(now);
  }

  /** Writes everything again, or waits for that. @returns whether the consumer has all that there was when it was asked. */
  async rebuilt(isBegun: boolean, ms: number): Promise<"done" | "pending"> {
    const source = this.#host.source();
    if (!source) return "done";
    const target = headOf(source);
    if (!isBegun) this.fromZero(Date.now());
    else if (!hasReached(this.#cursorOf(source), target)) this.changed(Date.now());
    await this.settled(ms);
    return hasReached(this.#cursorOf(source), target) ? "done" : "pending";
  }

  /** How far the consumer has come; at the start if there is no conversation. */
  get position(): Cursor {
    const source = this.#host.source();
    return source ? this.#cursorOf(source) : { seq: 0, rev: 0 };
  }

  /** Begins at a place, for a consumer that was not wanted before. */
  startAt(cursor: Cursor): void {
    this.#cursor = cursor;
    this.#host.source()?.store.setCursor(this.#consumer.name, cursor);
  }

  /** Waits until the consumer has everything written so far, or for `ms` milliseconds, or until a write fails. */
  async settled(ms: number): Promise<void> {
    const source = this.#host.source();
    if (!source || !this.#isRunning) return;
    const target = headOf(source);
    if (hasReached(this.#cursorOf(source), target)) return;
    await new Promise<void>((resolve) => {
      const waiter: Waiter = {
        ...target,
        done: () => {
          // A timer of seconds is left to fire: a cleared one costs memory (`realtime/timer.ts`).
          if (ms > LONGEST_IDLE_TIMER_MS) clearTimeout(timer);
          this.#waiters.delete(waiter);
          resolve();
        },
      };
      const timer = setTimeout(waiter.done, ms);
      this.#waiters.add(waiter);
      this.#pause.end();
    });
  }

  /** Saves how far the consumer is. If it has not come to the end, the alarm rings again. */
  #saveCursor(now: EpochMs): void {
    const source = this.#host.source();
    if (!source) return;
    const { name } = this.#consumer;
    const cursor = this.#cursorOf(source);
    this.#consumer.save?.();
    if (!hasReached(source.store.cursor(name), cursor)) source.store.setCursor(name, cursor);
    if (!hasReached(cursor, headOf(source))) this.#host.ringBy(now + SAFETY_NET_MS);
  }

  #cursorOf(source: Source): Cursor {
    this.#cursor ??= source.store.cursor(this.#consumer.name);
    return this.#cursor;
  }

  #start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    void this.#run();
  }

  async #run(): Promise<void> {
    const { gatherMs, intervalMs } = this.#consumer;
    try {
      // What the turn has written and sent goes first: our queries would delay both.
      await this.#host.committed();
      await this.#gather(batchingPauseMs(gatherMs, intervalMs, Date.now() - this.#writtenAt));
      for (;;) {
        const source = this.#host.source();
        // No await between this look and the stop: a change after it must start a new run.
        if (!source || hasReached(this.#cursorOf(source), headOf(source))) {
          if (this.#savesAtEnd) this.#saveCursor(Date.now());
          this.#savesAtEnd = false;
          return this.#stop();
        }
        const hasMore = await this.#writeNext(source);
        // Do not wait if nothing has come: a timer keeps the object from hibernating.
        if (!hasMore && !hasReached(this.#cursorOf(source), headOf(source))) await this.#gather(intervalMs);
      }
    } catch (error) {
      this.#postpone(error);
    }
  }

  /** Writes one batch. @returns whether another must follow at once, because there was too much for one. */
  async #writeNext(source: Source): Promise<boolean> {
    const from = this.#cursorOf(source);
    if (needsReset(from)) await this.#consumer.reset?.(source);
    const batch = this.#consumer.nextBatch(source, from);
    const hasMore = !hasReached(batch.cursor, headOf(source));
    // What comes during the write is younger.
    const behind = this.#behind;
    this.#behind = hasMore ? behind : undefined;
    const lostTo = await this.#consumer.write(batch.rows).catch((error: unknown) => {
      this.#behind = behind;
      throw error;
    });
    if (lostTo) return this.#setBack(source, from, lostTo);
    this.#failures = 0;
    this.#writtenAt = Date.now();
    if (behind && !hasMore) this.#caughtUp(this.#writtenAt - behind.since, behind.trace);
    // Not if `fromZero` has set it back during the write: then the waiters wait for the new run, too.
    if (this.#cursor !== from) return true;
    this.#cursor = batch.cursor;
    for (const waiter of this.#waiters) if (hasReached(batch.cursor, waiter)) waiter.done();
    return hasMore;
  }

  /** The consumer has everything that was written before its last batch. */
  #caughtUp(lagMs: number, trace: Trace | undefined): void {
    const { name: consumer } = this.#consumer;
    metrics.observe("projection_lag_seconds", lagMs / 1_000, consumer);
    if (lagMs > LAG_LIMIT_MS) log("warn", "consumer.lagged", { consumer, lag_ms: lagMs }, trace);
  }

  /** Goes on from where the consumer really is. It is stored, so that an object that restarts still knows. */
  #setBack(source: Source, from: Cursor, cursor: Cursor): true {
    log("warn", "consumer.set_back", { consumer: this.#consumer.name, from: from.seq, to: cursor.seq });
    if (this.#cursor === from) {
      this.#cursor = cursor;
      source.store.setCursor(this.#consumer.name, cursor);
    }
    return true;
  }

  async #gather(ms: number): Promise<void> {
    if (this.#waiters.size === 0) await this.#pause.wait(ms);
  }

  #stop(): void {
    this.#isRunning = false;
    for (const waiter of this.#waiters) waiter.done();
  }

  #postpone(error: unknown): void {
    this.#failures += 1;
    this.#retryAt = Date.now() + backoff(this.#failures);
    const { name: consumer } = this.#consumer;
    const fields = { consumer, failures: this.#failures, ...errorFields(error) };
    log("warn", "consumer.failed", fields, this.#behind?.trace);
    this.#stop();
    try {
      this.#host.ringBy(this.#retryAt);
    } catch (failed) {
      // An object that is being put away can set no alarm. The one that came with the change is still set.
      log("warn", "alarm.failed", { consumer, ...errorFields(failed) });
    }
  }
}
