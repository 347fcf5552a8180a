/** The pushes that are on their way to each token. */

export class Sends {
  readonly #running = new Map<string, Set<Promise<unknown>>>();

  /** Keeps a push among those on their way until it has ended. @returns its result. */
  async track<T>(tokenHash: string, send: Promise<T>): Promise<T> {
    const running = this.#running.get(tokenHash) ?? new Set();
    this.#running.set(tokenHash, running.add(send));
    try {
      return await send;
    } finally {
      running.delete(send);
      if (running.size === 0) this.#running.delete(tokenHash);
    }
  }

  /** Resolves when nothing that is on its way to a token now can arrive any more: within the time that a push may take. */
  async ended(tokenHash: string): Promise<void> {
    await Promise.allSettled(this.#running.get(tokenHash) ?? []);
  }
}
