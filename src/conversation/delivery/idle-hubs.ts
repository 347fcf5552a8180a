/** The members whose hub has no sockets, and is skipped until it wakes us (domain/wake.ts). */

/** The rows behind them. */
export interface IdleHubRows {
  idleHubs(): string[];
  addIdleHub(userId: string): void;
  removeIdleHub(userId: string): void;
}

export class IdleHubs {
  readonly #rows: IdleHubRows;
  #known: Set<string> | undefined;
  /** The answers of {@link awakeAmong}, until a hub becomes idle, or is no longer. */
  #awake = new WeakMap<ReadonlySet<string>, readonly string[]>();

  constructor(rows: IdleHubRows) {
    this.#rows = rows;
  }

  /**
   * The users among these whose hubs are not idle. Most messages go to the same set, that of all members: then nothing is done
   * for each of a thousand.
   */
  awakeAmong(userIds: ReadonlySet<string>): readonly string[] {
    const known = this.#awake.get(userIds);
    if (known) return known;
    const idle = this.#ids();
    const awake = [...userIds].filter((userId) => !idle.has(userId));
    this.#awake.set(userIds, awake);
    return awake;
  }

  add(userId: string): void {
    const idle = this.#ids();
    if (idle.has(userId)) return;
    idle.add(userId);
    this.#awake = new WeakMap();
    this.#rows.addIdleHub(userId);
  }

  remove(userId: string): void {
    if (!this.#ids().delete(userId)) return;
    this.#awake = new WeakMap();
    this.#rows.removeIdleHub(userId);
  }

  #ids(): Set<string> {
    this.#known ??= new Set(this.#rows.idleHubs());
    return this.#known;
  }
}
