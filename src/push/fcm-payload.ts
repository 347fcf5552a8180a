/** A message of FCM HTTP v1 ("REST Resource: projects.messages"), without its token. */
import type { PushPlatform } from "@rocket-chat-api/protocol";
import { base64, encryptedBase64Length, encryptFor } from "./encrypt.ts";
import { bytesOf, fitLines } from "./fit.ts";
import type { Push, PushClear, PushNotification, PushTarget } from "./notification.ts";
import {
  CLEAR_TTL_S,
  clearDataOf,
  dataOf,
  encryptedContent,
  MAX_BYTES,
  openUrl,
  type PayloadContext,
  type PreparedPush,
  previewOf,
  strings,
  ttlOf,
} from "./payload.ts";
import { type ShownText, shownText } from "./shown-text.ts";

/** Channels that an app makes (Android 8 and later). Without them its default channel is used. */
const CHANNEL = "messages";
const SILENT_CHANNEL = "messages_silent";
/** What FCM adds of its own to a payload for APNs. */
const APNS_RESERVE_BYTES = 256;

type Message = Record<string, unknown>;

function sizeOf(message: Message): number {
  return bytesOf(JSON.stringify(message));
}

function prepared(payload: Message, platform: PushPlatform): PreparedPush {
  return { provider: "fcm", headers: {}, payload, bytes: sizeOf(payload), max: maxBytes(platform) };
}

function maxBytes(platform: PushPlatform): number {
  return platform === "ios" ? MAX_BYTES - APNS_RESERVE_BYTES : MAX_BYTES;
}

/** The message for a device. It has no `collapse_key`: a device keeps four of them, and a user has more conversations. */
export async function fcmPayload(
  target: PushTarget,
  push: Push,
  context: PayloadContext,
): Promise<PreparedPush> {
  const platform = target.platform ?? "android";
  if (push.kind === "clear") return prepared(clearMessage(push, platform, context), platform);
  const max = maxBytes(platform);
  const preview = previewOf(target);
  const text = shownText(push, preview, target.locale);
  if (preview !== "encrypted" || target.keys === null) {
    const lines = fitLines(text, (one) => sizeOf(shownMessage(push, one, platform, context)), max);
    return prepared(shownMessage(push, lines, platform, context), platform);
  }
  const fallback = shownText(push, "hidden", target.locale);
  const withContent = (e: string) => encryptedMessage(push, e, fallback, platform, context);
  const lines = fitLines(
    text,
    (one) => sizeOf(withContent("")) + encryptedBase64Length(bytesOf(encryptedContent(push, one))),
    max,
  );
  const content = new TextEncoder().encode(encryptedContent(push, lines));
  return prepared(withContent(base64(await encryptFor(target.keys, content))), platform);
}

/** An ordinary message: the system shows it while the app sleeps. */
function shownMessage(
  push: PushNotification,
  text: ShownText,
  platform: PushPlatform,
  context: PayloadContext,
): Message {
  const { title, body } = text;
  const data = strings({ ...dataOf(push), title, body });
  if (platform === "ios") return { data, apns: apnsPart(push, { title, body }, context, {}) };
  if (platform === "web") return { data, webpush: webpushPart(push, text, context) };
  return { data, android: { ...androidPart(push, context), notification: androidNotification(push, text) } };
}

function androidPart(push: PushNotification, { now }: PayloadContext): Message {
  return { priority: push.is_silent ? "NORMAL" : "HIGH", ttl: `${ttlOf(push, now)}s` };
}

function androidNotification(push: PushNotification, { title, body }: ShownText): Message {
  return {
    title,
    body,
    // A later notification of the conversation replaces this one.
    tag: push.conversation.conversation_id,
    channel_id: push.is_silent ? SILENT_CHANNEL : CHANNEL,
    notification_count: push.unread_count,
    ...(push.is_silent ? { notification_priority: "PRIORITY_LOW" } : {}),
  };
}

/** What FCM hands to Apple. */
function apnsPart(
  push: PushNotification,
  alert: { title: string; body: string },
  { now }: PayloadContext,
  more: Message,
): Message {
  const { conversation_id } = push.conversation;
  const { title, body } = alert;
  return {
    headers: {
      "apns-push-type": "alert",
      "apns-priority": push.is_silent ? "5" : "10",
      "apns-expiration": String(Math.floor(now / 1000) + ttlOf(push, now)),
      "apns-collapse-id": conversation_id,
    },
    payload: {
      aps: {
        alert: body === "" ? { title } : { title, body },
        badge: push.badge,
        "thread-id": conversation_id,
        ...(push.is_silent ? { "interruption-level": "passive" } : { sound: "default" }),
        ...more,
      },
    },
  };
}

function webpushPart(
  push: PushNotification,
  { title, body, language }: ShownText,
  { now, openUrl: template }: PayloadContext,
): Message {
  const link = openUrl(template, push);
  return {
    headers: { TTL: String(ttlOf(push, now)), Urgency: push.is_silent ? "low" : "high" },
    notification: {
      title,
      body,
      tag: push.conversation.conversation_id,
      lang: language,
      silent: push.is_silent,
      renotify: !push.is_silent,
    },
    ...(link.startsWith("https://") ? { fcm_options: { link } } : {}),
  };
}

/** The app decrypts and shows it. Apple shows the fallback if it cannot. */
function encryptedMessage(
  push: PushNotification,
  e: string,
  fallback: { title: string; body: string },
  platform: PushPlatform,
  context: PayloadContext,
): Message {
  const data = { e };
  if (platform === "ios") return { data, apns: apnsPart(push, fallback, context, { "mutable-content": 1 }) };
  if (platform === "web") return { data, webpush: { headers: { TTL: String(ttlOf(push, context.now)) } } };
  return { data, android: androidPart(push, context) };
}

/** Wakes the app, which takes its notification away. */
function clearMessage(push: PushClear, platform: PushPlatform, { now }: PayloadContext): Message {
  const data = strings(clearDataOf(push));
  if (platform !== "ios") return { data, android: { priority: "NORMAL", ttl: `${CLEAR_TTL_S}s` } };
  const headers = {
    "apns-push-type": "background",
    "apns-priority": "5",
    "apns-expiration": String(Math.floor(now / 1000) + CLEAR_TTL_S),
  };
  return { data, apns: { headers, payload: { aps: { "content-available": 1 } } } };
}
