/** What a device is to show or to forget, before it is put into the form of a provider. */

import type {
  ConversationType,
  PushKeys,
  PushPlatform,
  PushPreview,
  PushProvider,
  UserSummary,
} from "@rocket-chat-api/protocol";
import type { EpochMs } from "../domain/time.ts";

/** Where a push goes. */
export interface PushTarget {
  device_id: string;
  provider: PushProvider;
  /** FCM reaches three platforms, each by a form of its own. Left out: Android. */
  platform?: PushPlatform;
  app_id: string | null;
  /** The token of FCM or APNs; the endpoint of a browser's subscription. */
  token: string;
  /** Of APNs. Null if it is not known yet. */
  environment: "sandbox" | "production" | null;
  /** To encrypt for: a browser's own keys, or those that an app has registered. */
  keys: PushKeys | null;
  locale: string | null;
  preview: PushPreview;
  registered_at: EpochMs;
}

/** One notification: the newest message of a conversation that the user has not read. */
export interface PushNotification {
  kind: "message" | "mention" | "added" | "request" | "edited" | "test";
  /** A stranger wants to write: what they say is not shown, whatever the kind. */
  is_request?: boolean;
  conversation: { conversation_id: string; type: ConversationType; name: string | null };
  message_id: string | null;
  seq: number;
  sender: UserSummary | null;
  /** The text, of at most PUSH_PREVIEW_LENGTH characters; empty if the message has none. */
  text: string;
  /** What the message is if it has no text. */
  message_type: string;
  /** Unread messages of the conversation. */
  unread_count: number;
  /** Unread messages of all conversations: the number on the app's icon. */
  badge: number;
  /** After this it must not be shown any more; null if it has no end. */
  expires_at: EpochMs | null;
  /** It replaces what is shown, without a sound. */
  is_silent: boolean;
  /** Conversations of which the device is to show nothing any more up to a `seq`, where it could not be told by itself. */
  cleared: Record<string, number>;
}

/** Takes away what is shown of a conversation, since it was read or deleted. */
export interface PushClear {
  kind: "clear";
  conversation_id: string;
  /** Nothing up to this message is to be shown any more. */
  up_to_seq: number;
  /** What is shown of it is newer, and stays: only the number on the icon changes. */
  is_badge_only: boolean;
  badge: number;
}

/** What a device is sent. */
export type Push = PushNotification | PushClear;

/** What came of one push. */
export type PushResult =
  | { result: "sent"; status: number; environment?: "sandbox" | "production" }
  /** The token will never work again. */
  | { result: "token_dead"; status: number; detail: string }
  /** Later, after so many milliseconds if the provider says so. `status` is 0 if there was no answer. */
  | { result: "retry"; status: number; detail: string; after_ms?: number }
  /** Nothing that waiting mends: our payload, or the operator's credentials. */
  | { result: "failed"; status: number; detail: string };
