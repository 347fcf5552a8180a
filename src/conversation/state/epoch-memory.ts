/** Which directory a conversation has written to last: it tells one that was put back from one that is new. */

/** The key of the epoch. */
const KEY = "directory_epoch";

export class EpochMemory {
  readonly #storage: Pick<DurableObjectStorage, "kv">;
  #saved: string | undefined;
  #last: string | undefined;

  constructor(storage: Pick<DurableObjectStorage, "kv">) {
    this.#storage = storage;
  }

  /** The epoch of the last write; undefined if it is not known. */
  last(): string | undefined {
    this.#last ??= this.#stored();
    return this.#last;
  }

  /** The directory has taken a write. */
  seen(epoch: string): void {
    this.#last = epoch;
  }

  /** Stores the epoch if it is another one, with what is saved anyway. */
  save(): void {
    const last = this.last();
    if (last === undefined || last === this.#stored()) return;
    this.#storage.kv.put(KEY, last);
    this.#saved = last;
  }

  #stored(): string | undefined {
    this.#saved ??= this.#storage.kv.get<string>(KEY);
    return this.#saved;
  }
}
