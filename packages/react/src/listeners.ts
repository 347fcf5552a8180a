/** Listeners by key: a change of one conversation calls those of that conversation alone. */

export class Listeners {
  readonly #byKey = new Map<string, Set<() => void>>();

  /** Calls `listener` at every change of `key`. @returns what ends that. */
  on(key: string, listener: () => void): () => void {
    const listeners = this.#byKey.get(key) ?? new Set();
    this.#byKey.set(key, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#byKey.get(key) === listeners) this.#byKey.delete(key);
    };
  }

  /** `key` has changed. */
  changed(key: string): void {
    for (const listener of [...(this.#byKey.get(key) ?? [])]) listener();
  }
}
