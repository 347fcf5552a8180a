/**
 * A timer that can be set again and stopped, without `clearTimeout`.
 *
 * workerd keeps 256 bytes of each timer that is cleared before it fires, until the object is put away: `clearTimeout` marks
 * the entry in the object's table of timers, and only a timer that fires removes it (`IoContext::TimeoutManagerImpl`;
 * measured with workerd 2026-11-02, see docs/performance.md). A busy object is not put away, and may clear several
 * timers a second. So a timer that is not wanted any more fires all the same, and finds that it has nothing to do.
 *
 * Until then it keeps the object awake: use it for delays of a few seconds at most.
 */
export class Timer {
  readonly #work: () => void;
  /** Identifies the timer that counts; the others do nothing when they fire. */
  #current: symbol | undefined;

  /** @param work is done when the timer fires. */
  constructor(work: () => void) {
    this.#work = work;
  }

  /** Whether it will fire. */
  get isSet(): boolean {
    return this.#current !== undefined;
  }

  /** Fires once, in `ms` milliseconds. What was set before no longer counts. */
  set(ms: number): void {
    const mine = Symbol();
    this.#current = mine;
    setTimeout(() => {
      if (this.#current !== mine) return;
      this.#current = undefined;
      this.#work();
    }, ms);
  }

  /** Does not fire any more. */
  stop(): void {
    this.#current = undefined;
  }
}
