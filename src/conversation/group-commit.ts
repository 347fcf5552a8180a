/**
 * Group commit.
 *
 * A commit costs as much as dozens of rows (an fsync), so work that arrives while one is in flight waits and is done
 * in the next turn together, sharing one commit. Work that arrives in a quiet room is done at once.
 */

import { errorFields, log } from "../log.ts";
import { gatherMs, type Listeners, turnSize } from "../realtime/batch-window.ts";

/** So many are enough: a turn that gathers begins. */
const FULL_TURN = 128;

/** Frames that are read together, at most. */
const MAX_READ = 256;

/** A piece of work; neither part should throw. */
interface Work {
  /** What can be done without looking at the conversation, for all of a turn before anything else. */
  read?: (() => void) | undefined;
  act: () => void;
}

/** What the commits need of their object. */
export interface GroupCommitHost {
  /** Resolves when everything written so far is on disk. */
  sync(): Promise<void>;
  /** Called after the last piece of work of each turn: the moment to send what was gathered. */
  endTurn(): void;
  /** The sockets that hear what a turn sends. */
  listeners(): Listeners;
}

export class GroupCommit {
  readonly #host: GroupCommitHost;
  #waiting: Work[] = [];
  #isRunning = false;
  /** Changes of the turn that runs: without any there is nothing to commit. */
  #changes = 0;
  #committing = false;
  #gathering: ReturnType<typeof setTimeout> | undefined;

  constructor(host: GroupCommitHost) {
    this.#host = host;
  }

  /** Whether a turn runs: what is gathered goes out at its end. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Makes a change in the turn that runs, or in the next. Rejects with what `work` throws. */
  async submit<T>(work: () => T): Promise<T> {
    if (this.#isRunning) return this.#change(work);
    return await new Promise<T>((resolve, reject) => {
      this.post(() => {
        try {
          resolve(this.#change(work));
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  /**
   * Does `act` in this turn or, while a commit is in flight, in the next; it may {@link submit} changes. Frames come
   * this way. All are read first: to read many after each other costs a fraction of reading each when it comes, for
   * what the first has brought into the caches serves them all.
   */
  post(act: () => void, read?: () => void): void {
    this.#waiting.push({ act, read });
    const isFull = this.#gathering !== undefined && this.#waiting.length >= this.#enough();
    if (!this.#isRunning && (!this.#committing || isFull)) this.#turn();
  }

  #enough(): number {
    return Math.min(FULL_TURN, turnSize(this.#host.listeners()));
  }

  #change<T>(work: () => T): T {
    this.#changes += 1;
    return work();
  }

  #turn(): void {
    if (this.#gathering !== undefined) clearTimeout(this.#gathering);
    this.#gathering = undefined;
    const work = this.#waiting.splice(0, MAX_READ);
    this.#changes = 0;
    this.#isRunning = true;
    for (const piece of work) {
      if (piece.read) attempt(piece.read);
      piece.read = undefined;
    }
    const most = turnSize(this.#host.listeners());
    let done = 0;
    for (; done < work.length && this.#changes < most; done++) attempt(work[done]?.act);
    // What is too much for one turn comes first in the next.
    this.#waiting.unshift(...work.slice(done));
    attempt(() => this.#host.endTurn());
    this.#isRunning = false;
    this.#committing = this.#changes > 0;
    // A failed commit breaks the output gate and restarts the object; there is nothing to do about it here.
    const next = () => this.#next(done);
    if (this.#committing) this.#host.sync().then(next, next);
    else this.#next(done);
  }

  #next(worked: number): void {
    // Messages that have arrived meanwhile are read before a timer runs: they share the next commit and frame.
    this.#committing = this.#waiting.length > 0;
    if (this.#committing)
      this.#gathering = setTimeout(() => this.#turn(), gatherMs(worked, this.#host.listeners().batching));
  }
}

/** Does a part of a turn. Whatever goes wrong in it, the turn comes to its end, or nothing would ever be done again. */
function attempt(work: (() => void) | undefined): void {
  try {
    work?.();
  } catch (error) {
    log("error", "turn.failed", { ...errorFields(error) });
  }
}
