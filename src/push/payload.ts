/** What the payloads of all providers have in common. */
import {
  MAX_PUSH_PAYLOAD_BYTES,
  type PushData,
  type PushPreview,
  type PushProvider,
} from "@rocket-chat-api/protocol";
import type { EpochMs } from "../domain/time.ts";
import type { PushClear, PushNotification, PushTarget } from "./notification.ts";

/** A push in the form of its provider, without tokens and credentials. */
export interface PreparedPush {
  provider: PushProvider;
  /** How it is to be delivered. Those that authorise are added when it is sent. */
  headers: Record<string, string>;
  /** What the device gets: of FCM the message, of APNs the body, of Web Push the text before encryption. */
  payload: Record<string, unknown>;
  /** Of the payload, as the provider counts. At most `max`. */
  bytes: number;
  max: number;
}

/** What else a payload depends on. */
export interface PayloadContext {
  now: EpochMs;
  /** `PUSH_OPEN_URL`. */
  openUrl?: string | undefined;
}

/** Bytes that every provider takes. */
export const MAX_BYTES = MAX_PUSH_PAYLOAD_BYTES;

/** How long a provider keeps what it cannot deliver, in seconds: a week, and for what clears a day. */
const NOTIFICATION_TTL_S = 7 * 86_400;
export const CLEAR_TTL_S = 86_400;

/** Seconds until a notification must not be shown any more. */
export function ttlOf({ expires_at }: PushNotification, now: EpochMs): number {
  if (expires_at === null) return NOTIFICATION_TTL_S;
  return Math.max(0, Math.min(NOTIFICATION_TTL_S, Math.floor((expires_at - now) / 1000)));
}

/** The data of a notification, the same for all providers. */
export function dataOf(push: PushNotification): PushData {
  return {
    type: push.kind,
    conversation_id: push.kind === "test" ? null : push.conversation.conversation_id,
    message_id: push.message_id,
    seq: push.seq,
    unread: push.unread_count,
    badge: push.badge,
    ...(Object.keys(push.cleared).length > 0 ? { cleared: push.cleared } : {}),
  };
}

/** What an app gets when something is to be taken away. */
export function clearDataOf(push: PushClear): Record<string, string | number> {
  const { conversation_id, up_to_seq, badge, is_badge_only } = push;
  if (is_badge_only) return { type: "badge", badge };
  return { type: "clear", conversation_id, up_to_seq, badge };
}

/** FCM takes strings only. What is null is left out; what is neither text nor number is JSON. */
export function strings(values: object): Record<string, string> {
  const given = Object.entries(values).filter(([, value]) => value !== null);
  const textOf = (value: unknown) => (typeof value === "object" ? JSON.stringify(value) : String(value));
  return Object.fromEntries(given.map(([key, value]) => [key, textOf(value)]));
}

/** What a notification opens. @param template `PUSH_OPEN_URL`; without one it is the start page. */
export function openUrl(template: string | undefined, push: PushNotification): string {
  if (!template) return "/";
  return template
    .replaceAll("{conversation_id}", encodeURIComponent(push.conversation.conversation_id))
    .replaceAll("{message_id}", encodeURIComponent(push.message_id ?? ""));
}

/** The preview of a device. Without keys to encrypt for, nothing of a message leaves. */
export function previewOf({ preview, keys, provider }: PushTarget): PushPreview {
  if (preview !== "encrypted") return preview;
  // What goes to a browser is always encrypted.
  if (provider === "webpush") return "full";
  return keys === null ? "hidden" : "encrypted";
}

/** What an app decrypts: all that a notification would say. */
export function encryptedContent(push: PushNotification, lines: { title: string; body: string }): string {
  const { title, body } = lines;
  return JSON.stringify({ ...dataOf(push), title, body, is_silent: push.is_silent });
}
