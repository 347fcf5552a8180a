/** Makes a store of any place that holds the four functions. */
import type { StoreBackend } from "./backend.ts";
import type { OfflineStore } from "./host.ts";
import { ONE_RUN, type Runs } from "./runs.ts";
import { StoreSession } from "./session.ts";

/** How much is kept. */
export interface StoreOptions {
  /** Conversations that are kept: those in which something was said last; 200. Those beyond come with the list, as at a first start. */
  keep_conversations?: number;
  /** Messages that are kept of each conversation, the newest; 50. Older ones can be loaded again. */
  keep_messages?: number;
  /** Milliseconds from a change until it is written, with all others since; 500. What leaves the page is written at once. */
  write_ms?: number;
}

/**
 * A store in a place of your own.
 * @param runs other runs of the application at the same time; by default there are none.
 */
export function offlineStore(
  backend: StoreBackend,
  options: StoreOptions = {},
  runs: Runs = ONE_RUN,
): OfflineStore {
  const { keep_conversations = 200, keep_messages = 50, write_ms = 500 } = options;
  const limits = { keepConversations: keep_conversations, keepMessages: keep_messages, writeMs: write_ms };
  return (host) => new StoreSession(backend, { ...limits, runs }, host);
}
