/** A pause in which changes gather, and which can be cut short. */
export class BatchingPause {
  #end: () => void = () => {};

  /** Waits for `ms` milliseconds, or until {@link end}. */
  async wait(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Ends the pause, if there is one. */
  end(): void {
    this.#end();
  }
}
