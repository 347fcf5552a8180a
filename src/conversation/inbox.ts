/**
 * Group commit.
 *
 * A commit costs as much as dozens of rows (an fsync), so work that arrives while one is in flight waits and is done
 * in the next turn together, sharing one commit. Work that arrives in a quiet room is done at once.
 */

/** Pieces of work in one turn, at most: timers and sockets wait while a turn runs. */
const MAX_TURN = 256;

/** Pieces of work in a turn for which the next one waits a millisecond longer to gather more. */
const WORK_PER_GATHER_MS = 8;
/** Longest wait, in milliseconds: below what people notice. */
const MAX_GATHER_MS = 8;

/** How long the next turn gathers after one of so many pieces of work: not at all where little happens. */
function gatherMs(worked: number): number {
  return Math.min(MAX_GATHER_MS, Math.floor(worked / WORK_PER_GATHER_MS));
}

export class Inbox {
  readonly #sync: () => Promise<void>;
  readonly #endTurn: () => void;
  #waiting: (() => void)[] = [];
  #committing = false;

  /**
   * @param sync resolves when everything written so far is on disk.
   * @param endTurn called after the last piece of work of each turn: the moment to send what was gathered.
   */
  constructor(sync: () => Promise<void>, endTurn: () => void) {
    this.#sync = sync;
    this.#endTurn = endTurn;
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
    if (!this.#committing) this.#turn();
    return await result;
  }

  #turn(): void {
    const work = this.#waiting.splice(0, MAX_TURN);
    if (work.length === 0) return;
    for (const piece of work) piece();
    this.#endTurn();
    this.#committing = true;
    // A failed commit breaks the output gate and restarts the object; there is nothing to do about it here.
    const next = () => {
      // Messages that have arrived meanwhile are read before a timer runs: they share the next commit and frame.
      if (this.#waiting.length > 0) setTimeout(() => this.#turn(), gatherMs(work.length));
      else this.#committing = false;
    };
    this.#sync().then(next, next);
  }
}
