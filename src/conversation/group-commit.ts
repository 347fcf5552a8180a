/**
 * Group commit.
 *
 * A commit costs an fsync, as much as dozens of rows. So work that arrives while a commit is in flight waits, and runs
 * together in the next turn, with one commit. Work that arrives in a quiet room runs at once, and nobody waits for its
 * commit: waiting costs as much as two frames, and nothing would share the next turn.
 */

import type { EpochMs } from "../domain/time.ts";
import type { Trace } from "../domain/trace.ts";
import { errorFields, log } from "../log.ts";
import { metrics } from "../metrics/metrics.ts";
import { gatherMs, type Listeners, turnSize } from "../realtime/batch-window.ts";
import { Timer } from "../realtime/timer.ts";

/** A batching turn starts early if this much work waits. */
const FULL_TURN = 128;

/** A piece of work that comes this long after the last turn, in milliseconds, comes alone. */
const QUIET_MS = 50;

/** Frames that one turn reads, at most. */
const MAX_READ = 256;

/** A piece of work. Neither function should throw. */
export interface Work {
  /** Parses a frame. All frames of a turn are parsed before any is executed. */
  read?(): void;
  act(): void;
  /** What it comes of, for the log. Looked at only if it fails. */
  readonly trace?: Trace | undefined;
}

/** What group commit needs of its object. */
export interface GroupCommitHost {
  /** Resolves when everything written so far is on disk. */
  sync(): Promise<void>;
  /** Called at the end of each turn. Sends the collected events. @param isQuiet the work came alone. */
  endTurn(isQuiet: boolean): void;
  /** The sockets that receive what a turn sends. */
  listeners(): Listeners;
}

export class GroupCommit {
  readonly #host: GroupCommitHost;
  #waiting: Work[] = [];
  #isRunning = false;
  /** Pieces at the front that an earlier turn has parsed. */
  #read = 0;
  /** Number of changes in the running turn. Without changes there is nothing to commit. */
  #changes = 0;
  #committing = false;
  readonly #gathering = new Timer(() => this.#turn());
  #lastTurnAt: EpochMs = 0;
  /** When the oldest piece of work came that waits. */
  #waitingSince: EpochMs = 0;

  constructor(host: GroupCommitHost) {
    this.#host = host;
  }

  /** Whether a turn runs. Events wait for its end. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Makes a change in the running turn, or in the next one. Rejects with errors of `work`. */
  async submit<T>(work: () => T): Promise<T> {
    if (this.#isRunning) {
      this.#changes += 1;
      return work();
    }
    return await new Promise<T>((resolve, reject) => {
      this.post({ act: () => void this.submit(work).then(resolve, reject) });
    });
  }

  /**
   * Does a piece of work in this turn or, while a commit is in flight, in the next one. It may {@link submit} changes.
   * Frames use this: parsing many frames in a row costs a fraction of parsing each on arrival, because code and data
   * stay in the CPU's caches.
   */
  post(work: Work): void {
    if (this.#waiting.length === 0) this.#waitingSince = Date.now();
    this.#waiting.push(work);
    const isFull = this.#gathering.isSet && this.#waiting.length >= this.#enough();
    if (!this.#isRunning && (!this.#committing || isFull)) this.#turn();
  }

  #enough(): number {
    return Math.min(FULL_TURN, turnSize(this.#host.listeners()));
  }

  #turn(): void {
    this.#gathering.stop();
    const work = this.#waiting.splice(0, MAX_READ);
    this.#changes = 0;
    this.#isRunning = true;
    const most = turnSize(this.#host.listeners());
    for (const piece of work.slice(this.#read)) attempt(piece, "read");
    let done = 0;
    for (const piece of work) {
      if (this.#changes >= most) break;
      attempt(piece, "act");
      done += 1;
    }
    // The rest comes first in the next turn.
    this.#read = work.length - done;
    this.#waiting.unshift(...work.slice(done));
    const isQuiet = this.#comesAlone(done);
    attempt({ endTurn: () => this.#host.endTurn(isQuiet) }, "endTurn");
    this.#isRunning = false;
    const since = this.#waitingSince;
    // What is left came later than what was done, and how much does not matter.
    if (this.#waiting.length > 0) this.#waitingSince = this.#lastTurnAt;
    if (this.#changes > 0) countTurn(this.#changes, this.#lastTurnAt - since);
    this.#committing = this.#changes > 0 && !isQuiet;
    // A failed commit breaks the output gate and restarts the object, so there is nothing to do here.
    const next = () => this.#next(done);
    if (this.#committing) this.#host.sync().then(next, next);
    else this.#next(done);
  }

  /** Whether the running turn does one piece of work, and none has come shortly before or waits. */
  #comesAlone(done: number): boolean {
    const now = Date.now();
    const since = now - this.#lastTurnAt;
    this.#lastTurnAt = now;
    return done === 1 && this.#waiting.length === 0 && (since >= QUIET_MS || since < 0);
  }

  #next(worked: number): void {
    // The runtime delivers messages that have arrived before it runs a timer: they share the next commit and frame.
    this.#committing = this.#waiting.length > 0;
    if (this.#committing) this.#gathering.set(gatherMs(worked, this.#host.listeners().batching));
  }
}

/** @param waitedMs how long the oldest of its changes has waited until the turn has sent what comes of it. */
function countTurn(changes: number, waitedMs: number): void {
  metrics.add("commits");
  metrics.observe("turn_changes", changes);
  metrics.observe("delivery_seconds", waitedMs / 1_000, "conversation");
}

/** Runs a part of a turn. If it throws, the turn goes on: a turn that does not end would block all later ones. */
function attempt<Step extends string>(
  work: { [Name in Step]?: () => void } & Pick<Work, "trace">,
  step: Step,
): void {
  try {
    work[step]?.();
  } catch (error) {
    log("error", "turn.failed", { ...errorFields(error) }, work.trace ?? null);
  }
}
