/** A request to APNs ("Generating a remote notification", "Sending notification requests to APNs"). */
import { base64, encryptedBase64Length, encryptFor } from "./encrypt.ts";
import { bytesOf, fitLines } from "./fit.ts";
import type { Push, PushClear, PushNotification, PushTarget } from "./notification.ts";
import {
  CLEAR_TTL_S,
  clearDataOf,
  dataOf,
  encryptedContent,
  MAX_BYTES,
  type PayloadContext,
  type PreparedPush,
  previewOf,
  ttlOf,
} from "./payload.ts";
import { type ShownText, shownText } from "./shown-text.ts";

type Payload = Record<string, unknown>;

/** At once, and when it suits the battery of the device. */
const NOW = "10";
const LATER = "5";

function sizeOf(payload: Payload): number {
  return bytesOf(JSON.stringify(payload));
}

/**
 * The request for a device, without `apns-topic`, `apns-id` and the token.
 *
 * A conversation has one notification: its id is the collapse id, of 36 bytes of at most 64.
 */
export async function apnsPayload(
  target: PushTarget,
  push: Push,
  { now }: PayloadContext,
): Promise<PreparedPush> {
  if (push.kind === "clear") return clearRequest(push, now);
  const headers = {
    "apns-push-type": "alert",
    "apns-priority": push.is_silent ? LATER : NOW,
    "apns-expiration": expiration(now, ttlOf(push, now)),
    "apns-collapse-id": push.conversation.conversation_id,
  };
  const payload = await payloadOf(target, push);
  return { provider: "apns", headers, payload, bytes: sizeOf(payload), max: MAX_BYTES };
}

/** Seconds since 1970. */
function expiration(now: number, seconds: number): string {
  return String(Math.floor(now / 1000) + seconds);
}

async function payloadOf(target: PushTarget, push: PushNotification): Promise<Payload> {
  const preview = previewOf(target);
  const text = shownText(push, preview, target.locale);
  if (preview !== "encrypted" || target.keys === null) {
    const withText = (one: ShownText) => ({ aps: apsOf(push, one), ...dataOf(push) });
    return withText(fitLines(text, (one) => sizeOf(withText(one)), MAX_BYTES));
  }
  const fallback = shownText(push, "hidden", target.locale);
  const withContent = (e: string) => ({ aps: { ...apsOf(push, fallback), "mutable-content": 1 }, e });
  const lines = fitLines(
    text,
    (one) => sizeOf(withContent("")) + encryptedBase64Length(bytesOf(encryptedContent(push, one))),
    MAX_BYTES,
  );
  const content = new TextEncoder().encode(encryptedContent(push, lines));
  return withContent(base64(await encryptFor(target.keys, content)));
}

function apsOf(push: PushNotification, { title, body }: ShownText): Payload {
  return {
    alert: body === "" ? { title } : { title, body },
    badge: push.badge,
    "thread-id": push.conversation.conversation_id,
    ...(push.is_silent ? { "interruption-level": "passive" } : { sound: "default" }),
  };
}

/**
 * Wakes the app, which takes its notification away and sets its badge. `aps` has no badge: Apple drops a background
 * notification whose `aps` has anything for the user ("Pushing background updates to your app").
 */
function clearRequest(push: PushClear, now: number): PreparedPush {
  const payload = { aps: { "content-available": 1 }, ...clearDataOf(push) };
  const headers = {
    "apns-push-type": "background",
    "apns-priority": LATER,
    "apns-expiration": expiration(now, CLEAR_TTL_S),
  };
  return { provider: "apns", headers, payload, bytes: sizeOf(payload), max: MAX_BYTES };
}
