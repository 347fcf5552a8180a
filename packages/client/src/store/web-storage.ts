/** Messages on their way in a `Storage` of the browser, for apps that keep no conversations. */
import type { OutboxEntry, OutboxStorage } from "../outbox.ts";

/** The part of the browsers' `Storage` that is used. */
export interface TextStorage {
  getItem(key: string): string | null;
  setItem(key: string, text: string): void;
}

/** An outbox in a `Storage` of the browser (`localStorage`): one item, so that the order is kept. */
export function webStorage(storage: TextStorage, key = "rocket-chat-outbox"): OutboxStorage {
  const read = (): OutboxEntry[] => JSON.parse(storage.getItem(key) ?? "[]") as OutboxEntry[];
  const write = (entries: OutboxEntry[]): void => storage.setItem(key, JSON.stringify(entries));
  return {
    load: async () => read(),
    put: async (entry) => write([...read(), entry]),
    remove: async (id) => write(read().filter((entry) => entry.client_message_id !== id)),
  };
}
