/** A store in IndexedDB: rows by scope and field. */
import { openDB } from "idb";
import { type StoreBackend, StoreCleared, type StoredFields } from "./backend.ts";

type Key = [scope: string, field: string];
/** Keys from one to another. */
type Range = object;

/** The parts of `idb` that are used. Its own types need those of a browser, which not every user of this package has. */
interface Rows {
  get(key: Key): Promise<unknown>;
  getAll(range: Range): Promise<unknown[]>;
  getAllKeys(range: Range): Promise<Key[]>;
  put(value: unknown, key: Key): Promise<unknown>;
  delete(key: Key | Range): Promise<void>;
  clear(): Promise<void>;
}

interface Transaction {
  readonly store: Rows;
  readonly done: Promise<void>;
  abort(): void;
}

interface Database {
  transaction(name: "rows", mode?: "readwrite"): Transaction;
  close(): void;
}

/** The globals of a browser that are used. */
interface IndexedDb {
  indexedDB?: object;
  IDBKeyRange: { bound(from: readonly unknown[], to: readonly unknown[]): Range };
}

/** Changes when everything is cleared: then other tabs, which may still write for the user before, must not. */
const GENERATION: Key = ["", "generation"];

/** A database of this name. It is opened when it is first needed. */
export class IndexedDbBackend implements StoreBackend {
  readonly keepsFiles = true;
  readonly #name: string;
  #db: Promise<Database> | undefined;
  /** As this tab knows it; undefined before the first look. */
  #generation: { value: unknown } | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  async load(scope: string): Promise<StoredFields> {
    const transaction = (await this.#open()).transaction("rows");
    const { store } = transaction;
    const range = rangeOf(scope);
    const [keys, values, generation] = await Promise.all([
      store.getAllKeys(range),
      store.getAll(range),
      store.get(GENERATION),
    ]);
    this.#generation ??= { value: generation };
    return Object.fromEntries(keys.map(([, field], index) => [field, values[index]]));
  }

  async save(scope: string, patch: StoredFields): Promise<void> {
    await this.#write((store) => {
      for (const [field, value] of Object.entries(patch))
        quietly(value === undefined ? store.delete([scope, field]) : store.put(value, [scope, field]));
    });
  }

  async drop(scope: string): Promise<void> {
    await this.#write((store) => quietly(store.delete(rangeOf(scope))));
  }

  async clear(): Promise<void> {
    const transaction = (await this.#open()).transaction("rows", "readwrite");
    const value = Date.now() + Math.random();
    await Promise.all([
      transaction.store.clear(),
      transaction.store.put(value, GENERATION),
      transaction.done,
    ]);
    this.#generation = { value };
  }

  /** Runs a write, unless another tab has cleared everything. */
  async #write(change: (store: Rows) => void): Promise<void> {
    const transaction = (await this.#open()).transaction("rows", "readwrite");
    const { store, done } = transaction;
    // Failures are thrown below; without this they would count as unhandled.
    done.catch(() => undefined);
    const value = await store.get(GENERATION);
    if (this.#generation && value !== this.#generation.value) {
      transaction.abort();
      throw new StoreCleared();
    }
    try {
      change(store);
    } catch (error) {
      abort(transaction);
      throw error;
    }
    await done;
  }

  async #open(): Promise<Database> {
    if (!(globalThis as unknown as IndexedDb).indexedDB) {
      throw new Error("there is no IndexedDB here: take sqliteStore of @rocket-chat-api/client/store-sqlite");
    }
    const forget = (): void => {
      this.#db = undefined;
    };
    this.#db ??= openDB(this.#name, 1, {
      upgrade: (db) => void db.createObjectStore("rows"),
      // Another tab wants to delete the database, or has a later version of this library.
      blocking: () => {
        void this.#db?.then((db) => db.close());
        forget();
      },
      terminated: forget,
    }) as unknown as Promise<Database>;
    this.#db.catch(forget);
    return await this.#db;
  }
}

/** A request of a transaction: if it fails the transaction ends, and says so. */
function quietly(request: Promise<unknown>): void {
  request.catch(() => undefined);
}

function rangeOf(scope: string): Range {
  // A list sorts after every text.
  return (globalThis as unknown as IndexedDb).IDBKeyRange.bound([scope], [scope, []]);
}

function abort(transaction: Transaction): void {
  try {
    transaction.abort();
  } catch {
    // It has ended by itself.
  }
}
