/**
 * Conversations and messages on their way in SQLite, for React Native and Node.js:
 * `@rocket-chat-api/client/store-sqlite`.
 *
 * ```ts
 * const db = await SQLite.openDatabaseAsync("chat.db"); // expo-sqlite
 * const store = sqliteStore({
 *   exec: (sql) => db.execAsync(sql),
 *   run: (sql, parameters) => db.runAsync(sql, [...parameters]),
 *   all: (sql, parameters) => db.getAllAsync(sql, [...parameters]),
 * });
 * ```
 */
import type { OfflineStore } from "./store/host.ts";
import { offlineStore, type StoreOptions } from "./store/offline.ts";
import { SqliteBackend, type SqliteDatabase } from "./store/sqlite.ts";

export type { ClientStore, OfflineStore } from "./store/host.ts";
export type { StoreOptions } from "./store/offline.ts";
export type { SqliteDatabase };

/** How much is kept, and where. */
export interface SqliteOptions extends StoreOptions {
  /** The name of the table; `rocket_chat`. */
  table?: string;
}

/** A store in a SQLite database. Only one process may use it at a time. */
export function sqliteStore(
  db: SqliteDatabase,
  { table = "rocket_chat", ...options }: SqliteOptions = {},
): OfflineStore {
  return offlineStore(new SqliteBackend(db, table), options);
}
