/**
 * Group commit.
 *
 * A commit costs as much as dozens of rows (an fsync), so work that arrives while one is in flight waits and is done
 * in the next turn together, sharing one commit. Work that arrives in a quiet room is done at once.
 */
import { gatherMs } from "../domain/gathering.ts";

/** Pieces of work in one turn, at most: timers and sockets wait while a turn runs. */
const MAX_TURN = 256;
/** So many are enough: a turn that gathers begins. */
const FULL_TURN = 128;

export class Inbox {
  readonly #sync: () => Promise<void>;
  readonly #endTurn: () => void;
  readonly #listeners: () => number;
  #waiting: (() => void)[] = [];
  #committing = false;
  #gathering: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param sync resolves when everything written so far is on disk.
   * @param endTurn called after the last piece of work of each turn: the moment to send what was gathered.
   * @param listeners how many sockets take in one frame what a turn sends.
   */
  constructor(sync: () => Promise<void>, endTurn: () => void, listeners: () => number) {
    this.#sync = sync;
    this.#endTurn = endTurn;
    this.#listeners = listeners;
  }

  /** Does `work` in this turn or, while a commit is in flight, in the next. Rejects with what `work` throws. */
  async submit<T>(work: () => T): Promise<T> {
    const result = new Promise<T>((resolve, reject) => {
      this.#waiting.push(() => {
        try {
          resolve(work());
        } catch (error) {
          reject(error);
        }
      });
    });
    const isFull = this.#gathering !== undefined && this.#waiting.length >= FULL_TURN;
    if (!this.#committing || isFull) this.#turn();
    return await result;
  }

  #turn(): void {
    if (this.#gathering !== undefined) clearTimeout(this.#gathering);
    this.#gathering = undefined;
    const work = this.#waiting.splice(0, MAX_TURN);
    if (work.length === 0) {
      this.#committing = false;
      return;
    }
    for (const piece of work) piece();
    this.#endTurn();
    this.#committing = true;
    // A failed commit breaks the output gate and restarts the object; there is nothing to do about it here.
    const next = () => {
      // Messages that have arrived meanwhile are read before a timer runs: they share the next commit and frame.
      if (this.#waiting.length === 0) this.#committing = false;
      else this.#gathering = setTimeout(() => this.#turn(), gatherMs(work.length, this.#listeners()));
    };
    this.#sync().then(next, next);
  }
}
