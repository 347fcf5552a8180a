/**
 * What survives the application, in a place of your own: `@rocket-chat-api/client/store`.
 *
 * ```ts
 * const client = new ChatClient({ url, token, store: offlineStore(myBackend) });
 * await client.load(); // shows what was there, before the first rendering
 * ```
 *
 * In browsers take `@rocket-chat-api/client/store-indexeddb`, in React Native and Node.js
 * `@rocket-chat-api/client/store-sqlite`; both are made of this. A {@link StoreBackend} is four functions.
 */

import type { OfflineStore } from "./store/host.ts";
import { memoryBackend } from "./store/memory.ts";
import { offlineStore, type StoreOptions } from "./store/offline.ts";

export { type StoreBackend, StoreCleared, type StoredFields } from "./store/backend.ts";
export type { ClientStore, OfflineStore } from "./store/host.ts";
export { offlineStore, type StoreOptions } from "./store/offline.ts";
export { type TextStorage, webStorage } from "./store/web-storage.ts";
export { memoryBackend };

/** A store that lives as long as this object: for tests, and for clients that are made again in the same process. */
export function memoryStore(options: StoreOptions = {}): OfflineStore {
  return offlineStore(memoryBackend(), options);
}
