/** Deletes a user's hub, and what an object without a user answers (rule 28). */
import type { ErasedMessages } from "@rocket-chat-api/protocol";
import type { ErasureOrder } from "../domain/erased-person.ts";
import { ERASED } from "../domain/restriction.ts";
import type { DeliveryAnswer } from "../domain/wake.ts";
import { rewriteStorage } from "../realtime/rewrite-storage.ts";
import type { Access } from "./access.ts";
import type { UserPush } from "./push/user-push.ts";
import { HubStore } from "./store.ts";

/** What conversations hear of a user who was erased: no socket is open, none ever will be, and nothing is pushed. */
export const NOBODY = {
  idle: true,
  wake_epoch: Number.MAX_SAFE_INTEGER,
  push: { word: "none", version: Number.MAX_SAFE_INTEGER },
} as const satisfies DeliveryAnswer;

/**
 * Closes all sockets, then deletes the whole storage. What stays is that the user was erased. Rejects if a conversation could not be
 * reached that has a socket of theirs.
 */
export async function eraseHub(
  storage: DurableObjectStorage,
  { access }: { access: Access },
  userId: string,
  messages: ErasedMessages,
): Promise<void> {
  const restriction = { ...ERASED, erased_messages: messages };
  // Written before the first wait: what comes from now on is refused.
  await access.restrict(userId, restriction);
  await storage.deleteAlarm();
  await storage.deleteAll();
  new HubStore(storage).putRestriction(userId, restriction);
  await storage.sync();
}

/**
 * Takes an erased person out of another user's hub. It keeps names of groups, and what is to be pushed, of users with devices alone; what
 * was deleted of that is overwritten too. Repeating it is harmless.
 */
export async function forgetPerson(
  storage: DurableObjectStorage,
  { push, access }: { push: UserPush; access: Access },
  order: ErasureOrder,
): Promise<void> {
  if (access.isErased || !push.forget(order)) return;
  await rewriteStorage(storage);
}
