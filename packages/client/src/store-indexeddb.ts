/**
 * Conversations and messages on their way in IndexedDB: `@rocket-chat-api/client/store-indexeddb`.
 *
 * ```ts
 * const client = new ChatClient({ url, token, user_id, store: indexedDbStore() });
 * await client.load(); // shows what was there, before the first rendering
 * ```
 */
import type { OfflineStore } from "./store/host.ts";
import { IndexedDbBackend } from "./store/indexeddb.ts";
import { offlineStore, type StoreOptions } from "./store/offline.ts";
import { lockedRuns, type RunLocks } from "./store/runs.ts";

export type { ClientStore, OfflineStore } from "./store/host.ts";
export type { StoreOptions } from "./store/offline.ts";

/** How much is kept, and where. */
export interface IndexedDbOptions extends StoreOptions {
  /** The name of the database; `rocket-chat`. Give each client of the same page its own. */
  name?: string;
}

/** A store in IndexedDB, which all tabs of a site share. */
export function indexedDbStore({ name = "rocket-chat", ...options }: IndexedDbOptions = {}): OfflineStore {
  const find = (): RunLocks | undefined =>
    (globalThis as { navigator?: { locks?: RunLocks } }).navigator?.locks;
  return offlineStore(new IndexedDbBackend(name), options, lockedRuns(name, find));
}
