/** Pushes and devices for tests. */
import type { PushClear, PushNotification, PushTarget } from "../../src/push/notification.ts";

export const CONVERSATION = "6a1f0c62-58a5-8f6e-9d3b-000000000000";
export const MESSAGE = "6a1f0c62-58a5-8f6e-9d3b-00000000002a";

/** Ann says "Hello" in a direct conversation. */
export function notification(changes: Partial<PushNotification> = {}): PushNotification {
  return {
    kind: "message",
    conversation: { conversation_id: CONVERSATION, type: "direct", name: null },
    message_id: MESSAGE,
    seq: 42,
    sender: {
      user_id: "11111111-1111-4111-8111-111111111111",
      username: "ann",
      display_name: "Ann",
      profile_photo_url: null,
    },
    text: "Hello",
    message_type: "text",
    unread_count: 1,
    badge: 5,
    expires_at: null,
    is_silent: false,
    cleared: {},
    ...changes,
  };
}

/** The same in a group. */
export function inGroup(changes: Partial<PushNotification> = {}): PushNotification {
  return notification({
    conversation: { conversation_id: CONVERSATION, type: "group", name: "Hikers" },
    ...changes,
  });
}

export function clear(changes: Partial<PushClear> = {}): PushClear {
  return {
    kind: "clear",
    conversation_id: CONVERSATION,
    up_to_seq: 42,
    is_badge_only: false,
    badge: 4,
    ...changes,
  };
}

export function target(changes: Partial<PushTarget> = {}): PushTarget {
  return {
    device_id: "phone",
    provider: "fcm",
    app_id: null,
    token: "a-token-of-fcm",
    environment: null,
    keys: null,
    locale: "en",
    preview: "full",
    registered_at: 1_700_000_000_000,
    ...changes,
  };
}

/** A token of APNs: 32 bytes in hexadecimal digits. */
export function apnsToken(): string {
  return crypto.randomUUID().replaceAll("-", "").repeat(2);
}
