/** A pause in which changes gather, and which can be cut short. */
export class BatchingPause {
  #end: () => void = () => {};

  /** Waits for `ms` milliseconds, or until {@link end}. A timer that is not needed any more is left to fire: a cleared one costs memory (`realtime/timer.ts`). */
  async wait(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      setTimeout(resolve, ms);
      this.#end = resolve;
    });
  }

  /** Ends the pause, if there is one. */
  end(): void {
    this.#end();
  }
}

/** How long to collect changes before the next batch. @param sinceLast may be negative, if the clock was set back. */
export function batchingPauseMs(gatherMs: number, intervalMs: number, sinceLast: number): number {
  return sinceLast < 0 ? gatherMs : Math.max(gatherMs, intervalMs - sinceLast);
}
