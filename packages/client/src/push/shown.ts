/** Closes the notifications of this browser that have nothing to say any more. */
import type { WorkerRegistration } from "./browser.ts";
import { type PushClient, readSeq, type ViewedConversation } from "./host.ts";
import { dataIn, type NotificationData } from "./messages.ts";

/** Closes the notifications of this library that `isOver` says. */
export async function closeShown(
  registration: WorkerRegistration,
  isOver: (data: NotificationData) => boolean,
): Promise<void> {
  for (const notification of await registration.getNotifications()) {
    const data = dataIn(notification.data);
    if (data && isOver(data)) notification.close();
  }
}

/** Whether a notification tells nothing that its conversation has unread. */
export function isRead(state: ViewedConversation | undefined, seq: number): boolean {
  return state !== undefined && (state.membership === "removed" || readSeq(state) >= seq);
}

/**
 * Closes what is shown of a conversation once it is read, here or on another device, and of a message once it is deleted.
 * @returns what ends it.
 */
export function closeWhenRead(client: PushClient, registration: WorkerRegistration): () => void {
  /** Where each conversation was read up to when this last looked. */
  const looked = new Map<string, number>();
  const close = (isOver: (data: NotificationData) => boolean): void => {
    // A browser that does not list its notifications keeps them.
    void closeShown(registration, isOver).catch(() => undefined);
  };
  const ends = [
    client.on("state", (state) => {
      const { conversation_id: id } = state;
      const upTo = state.membership === "removed" ? Number.POSITIVE_INFINITY : readSeq(state);
      if (upTo <= (looked.get(id) ?? 0)) return;
      looked.set(id, upTo);
      close((data) => data.conversation_id === id && data.seq <= upTo);
    }),
    client.on("event", (event) => {
      const messageId = deletedIn(event);
      if (messageId !== undefined) close((data) => data.message_id === messageId);
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}

/** The message that an event says is deleted; undefined for any other event. */
function deletedIn(event: { type: string; data?: { message_id?: string } }): string | undefined {
  return event.type === "message.deleted" ? event.data?.message_id : undefined;
}
