/** Pushes as they leave: from workerd, over HTTP, to servers that verify what the providers verify (test/push). */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { configuredProviders } from "../../src/push/credentials.ts";
import { checkEndpoint } from "../../src/push/endpoint.ts";
import type { Push, PushResult, PushTarget } from "../../src/push/notification.ts";
import { sendPush } from "../../src/push/send.ts";
import { vapidPublicKey } from "../../src/push/vapid-key.ts";
import type { DeploymentSettings } from "../../src/settings.ts";
import { PushControl } from "../push/control.ts";
import { apnsToken, CONVERSATION, clear, inGroup, notification, target } from "../push/samples.ts";
import { screenOf } from "../push/screen.ts";
import { loggedDuring } from "./checks.ts";
import { hubObject } from "./kit.ts";

const control = new PushControl(env.PUSH_CONTROL);
const word = () => crypto.randomUUID();

let logged = "";
async function send(
  to: PushTarget,
  push: Push = notification(),
  more: { id?: string; deadlineMs?: number; settings?: DeploymentSettings } = {},
): Promise<PushResult> {
  const { id = word(), deadlineMs = 10_000, settings } = more;
  let result: PushResult | undefined;
  logged += await loggedDuring(async () => {
    result = await sendPush({ ...env, ...settings }, to, push, { id, now: Date.now(), deadlineMs });
  });
  if (!result) throw new Error("no result");
  return result;
}

/** What the provider got for a device, all of it right. */
async function received(to: PushTarget) {
  const token = to.provider === "webpush" ? (to.token.split("/").at(-1) ?? "") : to.token;
  const pushes = await control.pushes({ provider: to.provider, token });
  expect(pushes.flatMap(({ problems }) => problems)).toEqual([]);
  return pushes;
}

const fcm = (changes: Partial<PushTarget> = {}) => target({ token: word(), ...changes });
const apns = (changes: Partial<PushTarget> = {}) =>
  target({ provider: "apns", token: apnsToken(), ...changes });
async function browser(): Promise<PushTarget> {
  const { endpoint, keys } = await control.subscribe();
  return target({ provider: "webpush", token: endpoint, keys });
}
const each = async () => [fcm(), apns(), await browser()];

beforeEach(() => {
  logged = "";
});
afterEach(async () => {
  vi.restoreAllMocks();
  // Nothing of a key, a token or a person is ever logged.
  expect(logged).not.toMatch(/BEGIN PRIVATE|eyJ|Bearer|Hello|Ann|localhost/);
  await control.reset();
});

describe("sending", () => {
  it("[PUSH-P20] each provider gets a right request, and the device shows the message", async () => {
    for (const to of await each()) {
      expect(await send(to, inGroup({ unread_count: 2 }))).toMatchObject({ result: "sent" });
      const { shown, badge } = screenOf(await received(to));
      expect(shown).toMatchObject([
        {
          tag: CONVERSATION,
          title: "Hikers · 2 new messages",
          body: "Ann: Hello",
          data: { type: "message", conversation_id: CONVERSATION },
        },
      ]);
      expect(badge).toBe(5);
    }
    expect(logged).toBe("");
  });

  it("[PUSH-P20] a push that is repeated replaces itself, and a later one replaces it", async () => {
    for (const to of await each()) {
      const id = word();
      await send(to, notification(), { id });
      await send(to, notification(), { id });
      await send(to, notification({ text: "Bye", unread_count: 2, badge: 6 }));
      const pushes = await received(to);
      expect(pushes).toHaveLength(3);
      const ids = ["apns-id", "apns-collapse-id", "topic"].map((name) =>
        pushes.slice(0, 2).map(({ headers }) => headers[name]),
      );
      for (const [first, second] of ids) expect(second).toBe(first);
      if (to.provider === "apns") expect(pushes[0]?.headers["apns-id"]).toBe(id);
      expect(screenOf(pushes).shown).toMatchObject([{ body: "Bye" }]);
    }
  });

  it("[PUSH-P20] a clear takes it away, where a device can be told", async () => {
    for (const to of [fcm(), apns()]) {
      await send(to);
      expect(await send(to, clear())).toMatchObject({ result: "sent" });
      expect(screenOf(await received(to))).toEqual({ shown: [], badge: 4 });
    }
    const to = await browser();
    expect(await send(to, clear())).toMatchObject({ result: "failed", status: 0 });
    expect(await received(to)).toEqual([]);
  });

  it("[PUSH-P20] an encrypted one is right too, and says nothing to the provider", async () => {
    const { keys } = await browser();
    for (const to of [fcm({ keys, preview: "encrypted" }), apns({ keys, preview: "encrypted" })]) {
      expect(await send(to)).toMatchObject({ result: "sent" });
      expect(JSON.stringify((await received(to))[0]?.payload)).not.toMatch(/Hello|Ann/);
    }
  });

  it("[PUSH-P20] a message that has expired goes nowhere", async () => {
    const to = apns();
    const push = notification({ expires_at: Date.now() - 1 });
    expect(await send(to, push)).toMatchObject({ result: "failed" });
    expect(await received(to)).toEqual([]);
  });
});

describe("connections", () => {
  it("[PUSH-P21] where the connection breaks, it is sent once more", async () => {
    for (const to of await each()) {
      const token = to.provider === "webpush" ? (to.token.split("/").at(-1) ?? "") : to.token;
      await control.answer({ provider: to.provider, token, times: 1, answer: { behaviour: "reset" } });
      expect(await send(to)).toMatchObject({ result: "sent" });
      expect((await received(to)).map(({ status }) => status > 0)).toEqual([false, true]);
      await control.answer({ provider: to.provider, token, times: 2, answer: { behaviour: "reset" } });
      expect(await send(to)).toEqual({ result: "retry", status: 0, detail: "network" });
    }
  });

  it("[PUSH-P21] a provider that does not answer is left at the deadline", async () => {
    for (const to of await each()) {
      const token = to.provider === "webpush" ? (to.token.split("/").at(-1) ?? "") : to.token;
      await control.answer({ provider: to.provider, token, answer: { behaviour: "hang" } });
      const result = await send(to, notification(), { deadlineMs: 50 });
      expect(result).toEqual({ result: "retry", status: 0, detail: "timeout" });
    }
  });

  it("[PUSH-P21] an answer whose body never ends is left too, and of an endless one the beginning is read", async () => {
    for (const to of await each()) {
      const token = to.provider === "webpush" ? (to.token.split("/").at(-1) ?? "") : to.token;
      const rule = { provider: to.provider, token, times: 1 } as const;
      await control.answer({ ...rule, answer: { behaviour: "stall" } });
      const result = await send(to, notification(), { deadlineMs: 50 });
      expect(result).toEqual({ result: "retry", status: 0, detail: "timeout" });
      await control.answer({ ...rule, answer: { behaviour: "flood" } });
      expect(await send(to)).toMatchObject({ result: "retry", status: 500 });
    }
  });

  it("[PUSH-P21] no timer stays, whatever comes of it", async () => {
    const started: unknown[] = [];
    const { setTimeout: start } = globalThis;
    vi.spyOn(globalThis, "setTimeout").mockImplementation(((work: () => void, ms?: number) => {
      const timer: unknown = start(work, ms);
      // Objects of other tests may still be at work, and start timers of their own.
      if (/\/src\/push\//.test(new Error().stack ?? "")) started.push(timer);
      return timer;
    }) as typeof setTimeout);
    const cleared = vi.spyOn(globalThis, "clearTimeout");
    const hanging = apns();
    await control.answer({ provider: "apns", token: hanging.token, answer: { behaviour: "hang" } });
    started.length = 0;
    cleared.mockClear();
    await Promise.all((await each()).map(async (to) => await send(to)));
    await send(hanging, notification(), { deadlineMs: 20 });
    expect(started.length).toBeGreaterThanOrEqual(4);
    expect(cleared.mock.calls.map(([id]) => id)).toEqual(expect.arrayContaining(started));
  });

  it("[PUSH-P21] Retry-After is handed on", async () => {
    const headers = { "retry-after": "17" };
    for (const to of await each()) {
      const token = to.provider === "webpush" ? (to.token.split("/").at(-1) ?? "") : to.token;
      await control.answer({ provider: to.provider, token, answer: { status: 503, headers } });
      expect(await send(to)).toMatchObject({ result: "retry", status: 503, after_ms: 17_000 });
    }
    expect(logged).toBe("");
  });
});

describe("FCM", () => {
  it("[PUSH-P22] all objects of an isolate use one access token, and ask for it once", async () => {
    await send(fcm());
    await control.revokeFcmTokens();
    await control.reset();
    const inHub = async () => await runInDurableObject(hubObject(word()), async () => await send(fcm()));
    const results = await Promise.all([inHub(), inHub(), inHub(), send(fcm()), inHub()]);
    expect(results.map(({ result }) => result)).toEqual(["sent", "sent", "sent", "sent", "sent"]);
    await send(fcm());
    const asked = await control.pushes({ provider: "fcm_oauth" });
    expect(asked.map(({ status }) => status)).toEqual([200]);
  });

  it("[PUSH-P22] a token that was revoked is replaced, once", async () => {
    await send(fcm());
    await control.revokeFcmTokens();
    await control.reset();
    const to = fcm();
    expect(await send(to)).toMatchObject({ result: "sent" });
    expect((await received(to)).map(({ status }) => status)).toEqual([401, 200]);
    await control.answer({ provider: "fcm", answer: { status: 401, body: {} } });
    expect(await send(fcm())).toMatchObject({ result: "failed", status: 401 });
    expect(logged).toContain("push.refused");
  });

  it("[PUSH-P22] an account that Google refuses is the operator's fault, and an outage of Google is not", async () => {
    await send(fcm());
    await control.revokeFcmTokens();
    const body = { error: "invalid_grant" };
    await control.answer({ provider: "fcm_oauth", times: 1, answer: { status: 400, body } });
    expect(await send(fcm())).toMatchObject({
      result: "failed",
      detail: expect.stringContaining("invalid_grant"),
    });
    expect(logged).toContain('"level":"error"');
    await control.answer({ provider: "fcm_oauth", times: 1, answer: { status: 503 } });
    expect(await send(fcm())).toMatchObject({ result: "retry", status: 503 });
    expect(await send(fcm())).toMatchObject({ result: "sent" });
  });

  it("[PUSH-P22] the errors of FCM", async () => {
    const to = fcm();
    const dead = { provider: "fcm", token: to.token, times: 1 } as const;
    await control.answer({ ...dead, answer: { reason: "UNREGISTERED" } });
    await control.answer({ ...dead, answer: { reason: "INVALID_ARGUMENT" } });
    await control.answer({ ...dead, answer: { reason: "QUOTA_EXCEEDED" } });
    expect(await send(to)).toEqual({ result: "token_dead", status: 404, detail: "UNREGISTERED" });
    expect(await send(to)).toEqual({ result: "token_dead", status: 400, detail: "INVALID_ARGUMENT" });
    expect(await send(to)).toMatchObject({ result: "retry", after_ms: 60_000 });
    expect(logged).toBe("");
    await control.answer({ ...dead, answer: { reason: "SENDER_ID_MISMATCH" } });
    expect(await send(to)).toMatchObject({ result: "failed", status: 403 });
    expect(logged).toContain("SENDER_ID_MISMATCH");
  });
});

describe("APNs", () => {
  it("[PUSH-P23] a token of the other environment is found there, and the result says so", async () => {
    const to = apns({ environment: "production" });
    await control.token({ token: to.token, environment: "sandbox" });
    expect(await send(to)).toEqual({ result: "sent", status: 200, environment: "sandbox" });
    expect((await received(to)).map(({ environment }) => environment)).toEqual(["production", "sandbox"]);
    expect(await send({ ...to, environment: "sandbox" })).toMatchObject({ environment: "sandbox" });
    expect(await received(to)).toHaveLength(3);
  });

  it("[PUSH-P23] a token that is bad in both is dead; one that is no token is not asked for", async () => {
    const to = apns();
    await control.answer({ provider: "apns", token: to.token, answer: { reason: "BadDeviceToken" } });
    expect(await send(to)).toEqual({ result: "token_dead", status: 400, detail: "BadDeviceToken" });
    expect(await received(to)).toHaveLength(2);
    for (const token of ["../../other", "abc?x=1", "xyz", "%2e%2e"]) {
      expect(await send(apns({ token }))).toMatchObject({ result: "token_dead", status: 0 });
    }
  });

  it("[PUSH-P23] 410 of before the registration leaves the token alone", async () => {
    const to = apns();
    const rule = { provider: "apns", token: to.token, times: 1 } as const;
    const timestamp = to.registered_at;
    await control.answer({ ...rule, answer: { reason: "Unregistered", timestamp: timestamp - 1 } });
    await control.answer({ ...rule, answer: { reason: "Unregistered", timestamp } });
    expect(await send(to)).toMatchObject({ result: "retry", status: 410 });
    expect(await send(to)).toMatchObject({ result: "token_dead", status: 410 });
  });

  it("[PUSH-P23] all requests carry one provider token", async () => {
    const to = apns();
    await Promise.all([send(to), send(to), send(to)]);
    await send(to);
    const tokens = (await received(to)).map(({ headers }) => headers.authorization);
    expect(new Set(tokens).size).toBe(1);
  });

  it("[PUSH-P23] the app of a device is its topic, and one of another team is the operator's fault", async () => {
    const own = apns({ app_id: "com.example.other" });
    expect(await send(own)).toMatchObject({ result: "sent" });
    expect((await received(own))[0]?.headers["apns-topic"]).toBe("com.example.other");
    expect(await send(apns({ app_id: "org.elsewhere.app" }))).toMatchObject({
      result: "failed",
      status: 400,
    });
    expect(logged).toContain("TopicDisallowed");
    expect(await send(apns(), notification(), { settings: { APNS_TOPIC: "" } })).toMatchObject({
      result: "failed",
    });
  });
});

describe("Web Push", () => {
  it("[PUSH-P24] a subscription that ended is dead", async () => {
    const to = await browser();
    await control.unsubscribe(to.token);
    expect(await send(to)).toEqual({ result: "token_dead", status: 410, detail: "status 410" });
    const unknown = { ...to, token: `${to.token}x` };
    expect(await send(unknown)).toMatchObject({ result: "token_dead", status: 404 });
  });

  it("[PUSH-P24] a redirect is a failure, and nobody follows it", async () => {
    const [to, other] = [await browser(), await browser()];
    const token = to.token.split("/").at(-1) ?? "";
    await control.answer({
      provider: "webpush",
      token,
      answer: { status: 307, headers: { location: other.token } },
    });
    expect(await send(to)).toMatchObject({ result: "failed", status: 307 });
    expect(await received(other)).toEqual([]);
  });

  it("[PUSH-P24] keys that are none make a dead subscription; another VAPID key is the operator's fault", async () => {
    const to = await browser();
    const keys = { p256dh: "A".repeat(87), auth: "A".repeat(22) };
    expect(await send({ ...to, keys })).toMatchObject({ result: "token_dead", status: 0 });
    expect(await send({ ...to, keys: null })).toMatchObject({ result: "token_dead", status: 0 });
    const token = to.token.split("/").at(-1) ?? "";
    await control.answer({ provider: "webpush", token, answer: { status: 403 } });
    expect(await send(to)).toMatchObject({ result: "failed", status: 403 });
    expect(logged).toContain("VAPID");
  });

  it("[PUSH-P24] an endpoint that is not allowed gets nothing, at registration and at every push", async () => {
    const to = await browser();
    const settings = { WEB_PUSH_HOSTS: "" };
    expect(await checkEndpoint(env, to.token)).toBeUndefined();
    expect((await checkEndpoint({ ...env, ...settings }, to.token))?.code).toBe("VALIDATION_ERROR");
    expect(await send(to, notification(), { settings })).toMatchObject({ result: "failed", status: 0 });
    expect(await received(to)).toEqual([]);
  });

  it("[PUSH-P24] with `*` a name is resolved before anything is sent", async () => {
    const settings = { ...env, WEB_PUSH_HOSTS: "*" };
    const [inside, outside] = [`${word()}.example.net`, `${word()}.example.net`];
    await control.name(inside, ["93.184.215.14", "10.1.2.3"]);
    await control.name(outside, ["93.184.215.14"]);
    expect((await checkEndpoint(settings, `https://${inside}/x`))?.code).toBe("VALIDATION_ERROR");
    expect(await checkEndpoint(settings, `https://${outside}/x`)).toBeUndefined();
    expect(await control.namesAsked()).toEqual(
      expect.arrayContaining([`${inside} A`, `${inside} AAAA`, `${outside} A`]),
    );
    const to = { ...(await browser()), token: `https://${inside}/x` };
    expect(await send(to, notification(), { settings })).toMatchObject({ result: "failed", status: 0 });
  });
});

describe("credentials", () => {
  it("[PUSH-P25] the stand-ins' are complete", () => {
    expect(configuredProviders(env)).toEqual({ providers: ["fcm", "apns", "webpush"], missing: {} });
    expect(vapidPublicKey(env)).toBe(env.VAPID_PUBLIC_KEY);
  });

  it("[PUSH-P25] a provider without them fails with what to set", async () => {
    const settings = { FCM_SERVICE_ACCOUNT: "", APNS_KEY: "", VAPID_PRIVATE_KEY: "" };
    for (const to of await each()) {
      const result = await send(to, notification(), { settings });
      expect(result).toMatchObject({ result: "failed", status: 0, detail: expect.stringContaining("set ") });
    }
    expect(logged.match(/push\.refused/g)).toHaveLength(3);
  });

  it("[PUSH-P25] keys that cannot be read are the operator's fault, and nothing throws", async () => {
    const pem = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----";
    const account = JSON.parse(String(env.FCM_SERVICE_ACCOUNT)) as object;
    const settings = {
      FCM_SERVICE_ACCOUNT: JSON.stringify({ ...account, private_key: pem }),
      APNS_KEY: pem,
      VAPID_PRIVATE_KEY: "A".repeat(43),
    };
    for (const to of await each()) {
      expect(await send(to, notification(), { settings })).toMatchObject({ result: "failed", status: 0 });
    }
    expect(logged.match(/push\.refused/g)).toHaveLength(3);
  });
});
