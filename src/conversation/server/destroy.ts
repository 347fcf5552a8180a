/** Deletes the storage of a conversation that was erased (rule 28). */
import type { HubDelivery } from "../delivery/hub-delivery.ts";
import type { Engine } from "../engine.ts";

/** The key of the one thing that stays: nobody can create this conversation again. */
const DESTROYED = "destroyed";
/** How long hubs may take for the last events, in milliseconds, and how often to look. */
const WAIT_MS = 5_000;
const LOOK_MS = 50;

/** The notes of moderation that the log does not have yet. */
export interface PendingNotes {
  /** Resolves when none is left. @returns false if the directory did not take them. */
  drained(): Promise<boolean>;
}

/** Whether the conversation of this object was deleted. */
export function isDestroyed({ storage }: Pick<DurableObjectState, "storage">): boolean {
  return storage.kv.get(DESTROYED) === true;
}

/**
 * Waits until the members have heard that they are out, and the log of moderation has its notes, then deletes everything.
 * Repeating it is harmless.
 */
export async function destroy(
  storage: DurableObjectStorage,
  { engine, hubDelivery, notes }: { engine: Engine; hubDelivery: HubDelivery; notes: PendingNotes },
): Promise<void> {
  for (let waited = 0; !hubDelivery.isIdle && waited < WAIT_MS; waited += LOOK_MS) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  if (!(await notes.drained())) throw new Error("the log of moderation is behind");
  await storage.deleteAlarm();
  await storage.deleteAll();
  storage.kv.put(DESTROYED, true);
  engine.forget();
}
