import { createECDH, randomBytes } from "node:crypto";
import { WebPushPayload } from "@rocket-chat-api/protocol";
import fc from "fast-check";
import ece from "http_ece";
import { beforeAll, describe, expect, it } from "vitest";
import type { Push, PushTarget } from "../../src/push/notification.ts";
import { canClear, preparePush } from "../../src/push/send.ts";
import { CONVERSATION, clear, inGroup, MESSAGE, notification, target } from "../push/samples.ts";
import { unicode } from "./arbitraries.ts";

const NOW = 1_795_000_000_000;
const WEEK_S = 7 * 86_400;
const ENV = { PUSH_OPEN_URL: "https://app.example.com/c/{conversation_id}?m={message_id}" };

const device = createECDH("prime256v1");
device.generateKeys();
const keys = { p256dh: device.getPublicKey("base64url"), auth: randomBytes(16).toString("base64url") };

async function prepare(push: Push, changes: Partial<PushTarget> = {}) {
  const prepared = await preparePush(ENV, target(changes), push, NOW);
  if (!prepared) throw new Error("nothing to send");
  return prepared;
}

/** What the app reads from `e`. */
function open(e: unknown): Record<string, unknown> {
  const content = Buffer.from(String(e), "base64");
  const parameters = { version: "aes128gcm", privateKey: device, authSecret: keys.auth } as const;
  return JSON.parse(ece.decrypt(content, parameters).toString("utf8")) as Record<string, unknown>;
}

describe("payloads", () => {
  it("[PUSH-P4] FCM: shown by Android under the tag of its conversation, and all of it as data", async () => {
    const { payload, headers } = await prepare(inGroup({ unread_count: 3 }));
    const text = { title: "Hikers · 3 new messages", body: "Ann: Hello" };
    expect(headers).toEqual({});
    expect(payload).toEqual({
      data: {
        ...{ type: "message", conversation_id: CONVERSATION, message_id: MESSAGE, seq: "42", unread: "3" },
        ...{ badge: "5", ...text },
      },
      android: {
        priority: "HIGH",
        ttl: `${WEEK_S}s`,
        notification: { ...text, tag: CONVERSATION, channel_id: "messages", notification_count: 3 },
      },
    });
    // Four of them live on a device; a user has more conversations.
    expect(JSON.stringify(payload)).not.toContain("collapse_key");
  });

  it("[PUSH-P4] FCM to iOS and to browsers has their own parts", async () => {
    const ios = await prepare(notification(), { platform: "ios" });
    expect(ios.payload).toMatchObject({
      apns: {
        headers: { "apns-collapse-id": CONVERSATION, "apns-push-type": "alert" },
        payload: { aps: { alert: { title: "Ann", body: "Hello" }, badge: 5, "thread-id": CONVERSATION } },
      },
    });
    expect(ios.payload).not.toHaveProperty("android");
    const web = await prepare(notification(), { platform: "web" });
    expect(web.payload).toMatchObject({
      webpush: {
        notification: { title: "Ann", body: "Hello", tag: CONVERSATION },
        fcm_options: { link: `https://app.example.com/c/${CONVERSATION}?m=${MESSAGE}` },
      },
    });
  });

  it("[PUSH-P5] APNs: grouped by thread, replaced by collapse id, with badge and sound", async () => {
    const { payload, headers } = await prepare(notification(), { provider: "apns" });
    expect(headers).toEqual({
      "apns-push-type": "alert",
      "apns-priority": "10",
      "apns-expiration": String(NOW / 1000 + WEEK_S),
      "apns-collapse-id": CONVERSATION,
    });
    expect(payload).toEqual({
      aps: {
        alert: { title: "Ann", body: "Hello" },
        badge: 5,
        "thread-id": CONVERSATION,
        sound: "default",
      },
      ...{
        type: "message",
        conversation_id: CONVERSATION,
        message_id: MESSAGE,
        seq: 42,
        unread: 1,
        badge: 5,
      },
    });
    const { payload: hidden } = await prepare(notification(), { provider: "apns", preview: "hidden" });
    expect(hidden).toMatchObject({ aps: { alert: { title: "New message" } } });
    expect(hidden.aps).not.toHaveProperty("mutable-content");
  });

  it("[PUSH-P6] Web Push: declarative, and the same text for a service worker", async () => {
    const { payload, headers } = await prepare(notification(), { provider: "webpush", keys, locale: "he" });
    expect(headers).toEqual({
      TTL: String(WEEK_S),
      Urgency: "high",
      Topic: expect.stringMatching(/^[A-Za-z0-9_-]{32}$/),
    });
    // It tells the push service nothing.
    expect(headers.Topic).not.toContain(CONVERSATION.slice(0, 8));
    expect(payload).toEqual({
      web_push: 8030,
      notification: {
        ...{ title: "Ann", body: "Hello", lang: "he", dir: "rtl", silent: false, renotify: true },
        navigate: `https://app.example.com/c/${CONVERSATION}?m=${MESSAGE}`,
        tag: CONVERSATION,
        data: {
          type: "message",
          conversation_id: CONVERSATION,
          message_id: MESSAGE,
          seq: 42,
          unread: 1,
          badge: 5,
        },
      },
      app_badge: 5,
    });
    const other = await prepare(
      notification({ conversation: { ...notification().conversation, conversation_id: MESSAGE } }),
      { provider: "webpush", keys },
    );
    expect(other.headers.Topic).not.toBe(headers.Topic);
    const plain = await preparePush({}, target({ provider: "webpush", keys }), notification(), NOW);
    expect(plain?.payload).toMatchObject({ notification: { navigate: "/" } });
  });

  it("[PUSH-P7] an edit replaces what is shown without a sound", async () => {
    const push = notification({ kind: "edited", is_silent: true });
    const apns = await prepare(push, { provider: "apns" });
    expect(apns.headers).toMatchObject({ "apns-priority": "5", "apns-collapse-id": CONVERSATION });
    expect(apns.payload.aps).toMatchObject({ "interruption-level": "passive" });
    expect(apns.payload.aps).not.toHaveProperty("sound");
    const fcm = await prepare(push);
    expect(fcm.payload).toMatchObject({
      android: { priority: "NORMAL", notification: { tag: CONVERSATION, channel_id: "messages_silent" } },
    });
    const web = await prepare(push, { provider: "webpush", keys });
    expect(web.headers.Urgency).toBe("low");
    expect(web.payload).toMatchObject({ notification: { tag: CONVERSATION, silent: true } });
    expect(web.payload.notification).not.toHaveProperty("renotify");
  });

  it("[PUSH-P8] a clear is data for the app, and nothing is shown; a browser cannot be told", async () => {
    const data = { type: "clear", conversation_id: CONVERSATION, up_to_seq: 42, badge: 4 };
    const fcm = await prepare(clear());
    expect(fcm.payload).toEqual({
      data: { type: "clear", conversation_id: CONVERSATION, up_to_seq: "42", badge: "4" },
      android: { priority: "NORMAL", ttl: "86400s" },
    });
    const apns = await prepare(clear(), { provider: "apns" });
    // No badge within `aps`: Apple would drop the notification.
    expect(apns.payload).toEqual({ aps: { "content-available": 1 }, ...data });
    expect(apns.headers).toMatchObject({ "apns-push-type": "background", "apns-priority": "5" });
    expect(apns.headers).not.toHaveProperty("apns-collapse-id");
    expect(await preparePush(ENV, target({ provider: "webpush", keys }), clear(), NOW)).toBeUndefined();
    expect(await preparePush(ENV, target({ platform: "web" }), clear(), NOW)).toBeUndefined();
    expect([canClear({ provider: "webpush" }), canClear({ provider: "fcm", platform: "web" })]).toEqual([
      false,
      false,
    ]);
    expect([canClear({ provider: "apns" }), canClear({ provider: "fcm", platform: "ios" })]).toEqual([
      true,
      true,
    ]);
  });

  it("[PUSH-P8] what a browser could not be told goes with its next notification", async () => {
    const push = notification({ cleared: { [MESSAGE]: 7, [CONVERSATION]: 42 } });
    const web = await prepare(push, { provider: "webpush", keys });
    expect(web.payload).toMatchObject({
      notification: { data: { cleared: { [MESSAGE]: 7, [CONVERSATION]: 42 } } },
    });
    expect(WebPushPayload.safeParse(web.payload).error).toBeUndefined();
    const fcm = await prepare(push, { platform: "web" });
    expect(fcm.payload).toMatchObject({
      data: { cleared: JSON.stringify({ [MESSAGE]: 7, [CONVERSATION]: 42 }) },
    });
  });

  it("[PUSH-P9] encrypted: only the device can read it, with a fallback where the system shows it itself", async () => {
    const secret = inGroup({ text: "a secret", unread_count: 2 });
    const expected = {
      ...{
        type: "message",
        conversation_id: CONVERSATION,
        message_id: MESSAGE,
        seq: 42,
        unread: 2,
        badge: 5,
      },
      ...{ title: "Hikers · 2 new messages", body: "Ann: a secret", is_silent: false },
    };
    const apns = await prepare(secret, { provider: "apns", preview: "encrypted", keys });
    expect(Object.keys(apns.payload)).toEqual(["aps", "e"]);
    expect(apns.payload.aps).toMatchObject({
      alert: { title: "2 new messages" },
      "mutable-content": 1,
      badge: 5,
    });
    expect(open(apns.payload.e)).toEqual(expected);
    for (const platform of ["android", "ios", "web"] as const) {
      const { payload } = await prepare(secret, { preview: "encrypted", keys, platform });
      expect(Object.keys(payload.data as object)).toEqual(["e"]);
      expect(open((payload.data as { e: string }).e)).toEqual(expected);
      // What is encrypted may spell any short word by chance.
      expect(JSON.stringify({ ...payload, data: null })).not.toMatch(/Hikers|Ann|secret/);
      expect("notification" in Object(payload.android)).toBe(false);
    }
    const web = await prepare(secret, { provider: "webpush", preview: "encrypted", keys });
    expect(web.payload).toMatchObject({ notification: { body: "Ann: a secret" } });
  });

  it("[PUSH-P9] without keys to encrypt for, nothing of the message leaves", async () => {
    for (const provider of ["fcm", "apns"] as const) {
      const { payload } = await prepare(inGroup({ text: "a secret" }), { provider, preview: "encrypted" });
      // What is encrypted may spell any short word by chance.
      expect(JSON.stringify({ ...payload, data: null })).not.toMatch(/Hikers|Ann|secret/);
      expect(JSON.stringify(payload)).toContain("New message");
    }
  });

  it("[PUSH-P10] a message that expires is kept no longer than that", async () => {
    const push = notification({ expires_at: NOW + 90_500 });
    expect((await prepare(push)).payload).toMatchObject({ android: { ttl: "90s" } });
    expect((await prepare(push, { provider: "apns" })).headers["apns-expiration"]).toBe(
      String(NOW / 1000 + 90),
    );
    expect((await prepare(push, { provider: "webpush", keys })).headers.TTL).toBe("90");
  });
});

const SCRIPTS = fc.constantFrom(
  ...[
    "👩‍👩‍👧‍👦",
    "🏳️‍🌈",
    "🇩🇪",
    "é",
    "नमस्ते",
    "שלום",
    "مرحبا",
    "你好",
    "ไทย",
    "a\u0301\u0302\u0303",
    "\u202e",
    "\\",
    '"',
    "\n",
    "\0",
  ],
  ...["\ud83d", "\udc69", "{name}", "…", "z".repeat(50), "👍🏽".repeat(40)],
);
const text = (maxLength: number) =>
  fc.oneof(
    unicode({ maxLength }),
    fc.string({ unit: "grapheme", maxLength }),
    fc.array(SCRIPTS, { maxLength: maxLength / 4 }).map((parts) => parts.join("")),
  );

describe("the size of payloads", () => {
  let targets: PushTarget[] = [];
  beforeAll(() => {
    const each = (["fcm", "apns"] as const).flatMap((provider) =>
      (["full", "sender", "hidden", "encrypted"] as const).map((preview) =>
        target({ provider, preview, keys }),
      ),
    );
    const platforms = (["ios", "web"] as const).map((platform) => target({ platform, preview: "full" }));
    targets = [...each, ...platforms, target({ provider: "webpush", keys })];
  });

  it("[PUSH-P11] whatever is said by whomever, it fits, is JSON, and has no half of a character", async () => {
    await fc.assert(
      fc.asyncProperty(
        text(3000),
        text(100),
        text(100),
        fc.constantFrom("en", "ar", "ja", "hi"),
        fc.nat(11),
        async (said, name, group, locale, index) => {
          const sender = { ...notification().sender, display_name: name } as never;
          const conversation = { conversation_id: CONVERSATION, type: "group", name: group } as const;
          const cleared = Object.fromEntries(
            Array.from({ length: index }, (_, n) => [CONVERSATION.replace(/0$/, n.toString(16)), 9_007_199]),
          );
          const push = notification({ text: said, sender, conversation, unread_count: 12_345, cleared });
          const to = { ...target(targets[index % targets.length]), locale };
          const prepared = await prepare(push, to);
          const json = JSON.stringify(prepared.payload);
          expect(prepared.bytes).toBeLessThanOrEqual(prepared.max);
          expect(prepared.max).toBeLessThanOrEqual(4096);
          expect(Buffer.byteLength(json)).toBeLessThanOrEqual(prepared.bytes);
          expect(JSON.parse(json)).toEqual(prepared.payload);
          // JSON.stringify writes a lone surrogate as an escape.
          expect(json).not.toMatch(/\\ud[89a-f][0-9a-f]{2}/i);
        },
      ),
      { numRuns: 60 },
    );
  }, 30_000);

  it("[PUSH-P11] a text that is too long is cut between emoji, and as little as needed", async () => {
    const family = "👩‍👩‍👧‍👦";
    const { payload, bytes } = await prepare(notification({ text: family.repeat(500) }), {
      provider: "apns",
    });
    const { body } = (payload.aps as { alert: { body: string } }).alert;
    expect(body.replaceAll(family, "")).toBe("…");
    expect(bytes).toBeGreaterThan(4096 - Buffer.byteLength(family) - 4);
    const short = await prepare(notification({ text: family.repeat(20) }), { provider: "apns" });
    expect((short.payload.aps as { alert: { body: string } }).alert.body).toBe(family.repeat(20));
  });
});
