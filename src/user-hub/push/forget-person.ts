/** Takes an erased person out of what the hub of another keeps for their phones (rule 28). */
import { type ErasureOrder, erasedProfile, withoutNames } from "../../domain/erased-person.ts";
import type { PendingPush } from "../schema.ts";
import type { PushStore } from "./push-store.ts";

/** Clears names of groups, and what waits to be sent. It is asked for again before it goes out. */
export function forgetInPushes(store: PushStore, order: ErasureOrder): void {
  for (const row of store.conversations()) {
    const name = row.name && withoutNames(row.name, order.names);
    if (name !== row.name) store.putConversation({ ...row, name });
  }
  for (const device_id of store.devices().keys()) {
    for (const item of store.itemsOf(device_id)) {
      if (item.pending?.message?.sender.user_id !== order.user_id) continue;
      store.putItem({ ...item, pending: withoutSender(item.pending, order) });
    }
  }
}

function withoutSender(pending: PendingPush, { user_id, messages }: ErasureOrder): PendingPush {
  const { message, attempts } = pending;
  if (!message) return pending;
  const text = messages === "erase" ? "" : message.text;
  // What was tried before is not sent without asking.
  return {
    ...pending,
    message: { ...message, sender: erasedProfile(user_id), text },
    attempts: Math.max(attempts, 1),
  };
}
