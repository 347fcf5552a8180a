/** Listeners by key, for entries whose users listen to one conversation or person each. */

export class Watchers {
  readonly #listeners = new Map<string, Set<() => void>>();

  /** Calls `listener` at every change of `key`. @returns what ends that. */
  on(key: string, listener: () => void): () => void {
    const known = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, known);
    known.add(listener);
    return () => {
      known.delete(listener);
      if (known.size === 0 && this.#listeners.get(key) === known) this.#listeners.delete(key);
    };
  }

  /** The keys that have a listener. */
  keys(): string[] {
    return [...this.#listeners.keys()];
  }

  /** `key` has changed. */
  changed(key: string): void {
    for (const listener of [...(this.#listeners.get(key) ?? [])]) listener();
  }
}
