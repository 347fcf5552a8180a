/**
 * Which hubs may be called now.
 *
 * A hub that has just answered that it has sockets is called at once. Of the others it is not known whether they are
 * awake: starting a thousand objects at the same moment would delay everything else that this object does. So only some of
 * them are called at a time: more as long as they turn out to be awake, few again with each one that was not.
 *
 * The next ones are called a moment later, not in the turn of an answer: where objects share a thread, as on one machine,
 * answers that cause calls without a pause would keep requests and timers waiting until the last hub is done.
 */

/** Calls at a time of hubs that may be asleep. */
export const COLD_CALLS = 16;

export class HubAdmission {
  readonly #later: (work: () => void) => void;
  /** Hubs whose last answer was that they have sockets, or that have woken us. */
  readonly #awake = new Set<string>();
  /** Calls in flight of hubs that may be asleep. */
  readonly #calling = new Set<string>();
  /** Hubs to be called, the first one next. */
  readonly #waiting = new Map<string, () => void>();
  #limit = COLD_CALLS;
  #isDue = false;

  /** @param later does some work after what waits already. */
  constructor(later: (work: () => void) => void) {
    this.#later = later;
  }

  /**
   * Asks whether a hub may be called. Each call must end with {@link left}, and a hub has one call at a time.
   * @returns undefined if it may be called at once; else a promise of its turn.
   */
  enter(userId: string): Promise<void> | undefined {
    if (this.#awake.has(userId)) return undefined;
    if (this.#calling.size < this.#limit) {
      this.#calling.add(userId);
      return undefined;
    }
    return new Promise((resolve) => this.#waiting.set(userId, resolve));
  }

  /** A call has ended. @param isAwake whether the hub has sockets; false if the call failed. */
  left(userId: string, isAwake: boolean): void {
    if (isAwake) this.#awake.add(userId);
    else this.#awake.delete(userId);
    if (!this.#calling.delete(userId)) return;
    this.#limit = isAwake ? this.#limit + 1 : COLD_CALLS;
    if (this.#isDue || this.#waiting.size === 0) return;
    this.#isDue = true;
    this.#later(() => this.#callNext());
  }

  /** A hub has called us, so it has sockets. If it waits for its turn, it has waited long enough. */
  woke(userId: string): void {
    this.#awake.add(userId);
    this.#waiting.get(userId)?.();
    this.#waiting.delete(userId);
  }

  #callNext(): void {
    this.#isDue = false;
    for (const [userId, call] of this.#waiting) {
      if (this.#calling.size >= this.#limit) return;
      this.#waiting.delete(userId);
      this.#calling.add(userId);
      call();
    }
  }
}
