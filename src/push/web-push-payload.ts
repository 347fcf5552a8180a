/**
 * A message of Web Push, in the form of Declarative Web Push (Push API, "declarative push message"): Safari shows it
 * without a service worker, and elsewhere the service worker gets the same text.
 */
import { base64url } from "jose";
import { ENCRYPTION_BYTES } from "./encrypt.ts";
import { bytesOf, fitLines } from "./fit.ts";
import type { PushNotification, PushTarget } from "./notification.ts";
import {
  dataOf,
  MAX_BYTES,
  openUrl,
  type PayloadContext,
  type PreparedPush,
  previewOf,
  ttlOf,
} from "./payload.ts";
import { type ShownText, shownText } from "./shown-text.ts";

/** Says that a message is a declarative one; the number is RFC 8030. */
const DECLARATIVE = 8030;
/** RFC 8030, section 5.4. */
const TOPIC_LENGTH = 32;

/** The message for a browser, before encryption. */
export async function webPushPayload(
  target: PushTarget,
  push: PushNotification,
  context: PayloadContext,
): Promise<PreparedPush> {
  const text = shownText(push, previewOf(target), target.locale);
  const measure = (one: ShownText) =>
    bytesOf(JSON.stringify(payloadOf(push, one, context))) + ENCRYPTION_BYTES;
  const payload = payloadOf(push, fitLines(text, measure, MAX_BYTES), context);
  const headers = {
    TTL: String(ttlOf(push, context.now)),
    Urgency: push.is_silent ? "low" : "high",
    Topic: await topicOf(push.conversation.conversation_id),
  };
  const bytes = bytesOf(JSON.stringify(payload)) + ENCRYPTION_BYTES;
  return { provider: "webpush", headers, payload, bytes, max: MAX_BYTES };
}

function payloadOf(
  push: PushNotification,
  text: ShownText,
  context: PayloadContext,
): Record<string, unknown> {
  return {
    web_push: DECLARATIVE,
    notification: {
      title: text.title,
      body: text.body,
      navigate: openUrl(context.openUrl, push),
      tag: push.conversation.conversation_id,
      lang: text.language,
      ...(text.isRightToLeft ? { dir: "rtl" } : {}),
      silent: push.is_silent,
      // Without this, a notification that replaces another one of its tag makes no sound.
      ...(push.is_silent ? {} : { renotify: true }),
      data: dataOf(push),
    },
    app_badge: push.badge,
  };
}

/** A name for the conversation that tells the push service nothing: it can read headers, and not the message. */
async function topicOf(conversationId: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(conversationId));
  return base64url.encode(new Uint8Array(digest)).slice(0, TOPIC_LENGTH);
}
