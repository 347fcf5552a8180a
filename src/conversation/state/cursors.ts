/** The cursors of one conversation's consumers. Those that have come equally far share a row: rows are what is billed. */

import { type Cursor, hasReached } from "./cursor.ts";

/** The names of all consumers that have a cursor. */
export const CONSUMERS: readonly string[] = ["directory", "told", "push"];
/** The row of the cursors that were saved together. */
const SHARED = "shared";

/** The rows behind the cursors. */
export interface CursorRows {
  read(name: string): Cursor | undefined;
  write(name: string, cursor: Cursor): void;
}

const START: Cursor = { seq: 0, rev: 0 };

export class Cursors {
  readonly #rows: CursorRows;
  readonly #names: readonly string[];
  /** The cursors that this object's life has asked for, as they are saved. */
  readonly #known = new Map<string, Cursor>();
  /** What {@link saveTogether} has gathered. */
  #gathered: Map<string, Cursor> | undefined;

  /** @param names all consumers, also those that this object's life has not asked for. */
  constructor(rows: CursorRows, names: readonly string[]) {
    this.#rows = rows;
    this.#names = names;
  }

  /** How far a consumer has come. Zero if it has no cursor. */
  of(name: string): Cursor {
    const known = this.#gathered?.get(name) ?? this.#known.get(name);
    if (known) return known;
    const own = this.#rows.read(name) ?? START;
    const shared = this.#rows.read(SHARED) ?? START;
    // A cursor that was set back is no longer the shared one, which is then at the start.
    const saved = own.rev >= 0 && hasReached(shared, own) ? shared : own;
    this.#known.set(name, saved);
    return saved;
  }

  /** Saves a cursor: at once, or at the end of {@link saveTogether}. */
  set(name: string, cursor: Cursor): void {
    if (!hasReached(cursor, this.of(name))) this.#setBack(name, cursor);
    else if (this.#gathered) this.#gathered.set(name, cursor);
    else this.#write(name, cursor);
  }

  /** Saves what `work` sets: as one row if all consumers are then at the same place. */
  saveTogether(work: () => void): void {
    const gathered = new Map<string, Cursor>();
    this.#gathered = gathered;
    try {
      work();
    } finally {
      this.#gathered = undefined;
    }
    const [first] = gathered.values();
    if (!first) return;
    const names = new Set([...this.#known.keys(), ...gathered.keys()]);
    const isShared = [...names].every((name) => isSame(gathered.get(name) ?? this.of(name), first));
    if (gathered.size > 1 && isShared) {
      this.#rows.write(SHARED, first);
      for (const name of names) {
        // Its own row still says that it was set back.
        if ((this.#known.get(name)?.rev ?? 0) < 0) this.#rows.write(name, first);
        this.#known.set(name, first);
      }
    } else for (const [name, cursor] of gathered) this.#write(name, cursor);
  }

  /** Sets a cursor back. The others keep their place, now each in a row of its own. */
  #setBack(name: string, cursor: Cursor): void {
    for (const other of this.#names) this.of(other);
    for (const [other, saved] of this.#known) if (other !== name) this.#rows.write(other, saved);
    this.#rows.write(SHARED, START);
    this.#write(name, cursor);
  }

  #write(name: string, cursor: Cursor): void {
    this.#gathered?.delete(name);
    this.#rows.write(name, cursor);
    this.#known.set(name, cursor);
  }
}

function isSame(one: Cursor, other: Cursor): boolean {
  return one.seq === other.seq && one.rev === other.rev;
}
