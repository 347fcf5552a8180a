/** The parts of a client that ask what is new. */
import type { BackoffOptions } from "./backoff.ts";
import { CatchUp } from "./catch-up.ts";
import type { Connection } from "./connection.ts";
import type { Conversations } from "./conversations.ts";
import type { Rest } from "./rest.ts";
import { Syncer, type SyncReport } from "./syncer.ts";

/** What asks over the connection what is missing in conversations. */
export function makeSyncer(
  connection: Connection,
  conversations: Conversations,
  backoff: BackoffOptions,
): Syncer {
  return new Syncer({
    ask: async (cursors) => (await connection.ask({ type: "sync", conversations: cursors })) as SyncReport,
    cursor: (id) => conversations.get(id)?.seq ?? 0,
    forget: (id) => conversations.forget(id),
    backoff,
  });
}

/** What asks what all conversations have in the directory. */
export function makeCatchUp(
  connection: Connection,
  conversations: Conversations,
  backoff: BackoffOptions,
  rest: Rest,
): CatchUp {
  return new CatchUp({
    fetch: (since) => rest.sync(since),
    take: (page) => conversations.takePage(page),
    isOnline: () => connection.isOpen,
    backoff,
  });
}
