/** The conversations that skip this user until they are woken (domain/wake.ts). */
import { errorFields, log } from "../log.ts";
import type { HubStore } from "./store.ts";

/** Calls in flight while conversations are woken. */
const CONCURRENCY = 16;

/**
 * Wakes every conversation that was told "asleep".
 * @param wake calls one conversation.
 * @returns whether all were reached; the others stay remembered.
 */
export async function wakeIdleIn(
  store: HubStore,
  wake: (conversationId: string) => Promise<void>,
): Promise<boolean> {
  const ids = store.idleIn();
  let reached = true;
  const wakeNext = async (): Promise<void> => {
    for (let id = ids.pop(); id !== undefined; id = ids.pop()) {
      try {
        await wake(id);
        store.removeIdleIn(id);
      } catch (error) {
        reached = false;
        log("warn", "wake.failed", { conversation_id: id, ...errorFields(error) });
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, wakeNext));
  return reached;
}
