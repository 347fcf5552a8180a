/** From the hub's rows to what src/push takes. Pure. */
import { messageId, type PushPreferences } from "@rocket-chat-api/protocol";
import type { NotedMessage } from "../../domain/push-note.ts";
import type { Push, PushNotification, PushTarget } from "../../push/notification.ts";
import type { ConversationRow, DeviceRow } from "./push-store.ts";

/** Where a push to a device goes, and how much it says. */
export function targetOf(device: DeviceRow, { preview }: Pick<PushPreferences, "preview">): PushTarget {
  return { ...device, preview: device.preview ?? preview, keys: device.keys ?? null };
}

/** A message as a notification. @param badge unread messages of all conversations. */
export function notificationOf(
  { conversation_id, type, name, unread_count }: ConversationRow,
  { kind, seq, sender, text, message_type, expires_at }: NotedMessage,
  badge: number,
): PushNotification {
  const conversation = { conversation_id, type, name };
  const message = {
    message_id: messageId(conversation_id, seq),
    seq,
    sender,
    text,
    message_type,
    expires_at,
  };
  const is_request = kind === "request";
  return { kind, is_request, conversation, ...message, unread_count, badge, is_silent: false, cleared: {} };
}

/** What a test shows. */
export function testNotification(badge: number): Push {
  const conversation = { conversation_id: "test", type: "direct" as const, name: null };
  const message = { message_id: null, seq: 0, sender: null, text: "", message_type: "test" };
  const rest = { unread_count: 0, badge, expires_at: null, is_silent: false, cleared: {} };
  return { kind: "test", conversation, ...message, ...rest };
}
