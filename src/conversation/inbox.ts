/**
 * Group commit.
 *
 * A commit costs as much as dozens of rows (an fsync), so work that arrives while one is in flight waits and is done
 * in the next turn together, sharing one commit. Work that arrives in a quiet room is done at once.
 */

/** Pieces of work in one turn, at most: timers and sockets wait while a turn runs. */
const MAX_TURN = 256;

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
      this.#committing = false;
      this.#turn();
    };
    this.#sync().then(next, next);
  }
}
