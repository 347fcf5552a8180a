/** What a store needs of the place that it writes to: four functions. */

/** Fields by their names. Values are what JSON can hold; of messages with files also the files, see {@link StoreBackend.keepsFiles}. */
export type StoredFields = Record<string, unknown>;

/**
 * A place that survives the application: IndexedDB, SQLite or any other. A scope is a small record of fields: `meta`, `list`,
 * `outbox`, `files`, and `c:<id>` for each conversation. A function that fails throws; the store then does without.
 */
export interface StoreBackend {
  /** All fields of a scope; none if there is no such scope. */
  load(scope: string): Promise<StoredFields>;
  /** Sets these fields of a scope, and removes those that are undefined. The others stay. All of a patch, or nothing. */
  save(scope: string, patch: StoredFields): Promise<void>;
  /** Removes a scope. */
  drop(scope: string): Promise<void>;
  /** Removes everything. */
  clear(): Promise<void>;
  /** Whether a value may hold a `Blob`. */
  readonly keepsFiles?: boolean;
}

/** Everything was cleared by another tab, in which the user has logged out: nothing more is to be written here. */
export class StoreCleared extends Error {
  override readonly name = "StoreCleared";

  constructor() {
    super("another tab has cleared the store");
  }
}
