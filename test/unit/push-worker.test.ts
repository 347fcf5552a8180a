/** The push worker: what it shows, closes and opens, in a scope without a browser. test/browser has a real one. */
import { listenForPush, type PushWorkerOptions } from "@rocket-chat-api/client/push-worker";
import { WebPushPayload } from "@rocket-chat-api/protocol";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { ID } from "./client-kit.ts";
import { bytes, FakeScope, FakeSubscription, fakeWindow } from "./push-kit.ts";

const OTHER = ID.replace(/^./, "1");

/** A message about a conversation. */
function payload(
  seq: number,
  { id = ID, badge, ...more }: { id?: string; badge?: number; [field: string]: unknown } = {},
): string {
  const { type = "message", cleared, ...notification } = more;
  return JSON.stringify({
    web_push: 8030,
    notification: {
      title: `message ${seq}`,
      body: "Hello",
      navigate: `https://app.test/c/${id}`,
      tag: id,
      data: {
        type,
        conversation_id: id,
        message_id: null,
        seq,
        unread: 1,
        badge: badge ?? 1,
        ...(cleared ? { cleared } : {}),
      },
      ...notification,
    },
    ...(badge !== undefined && { app_badge: badge }),
  });
}

function worker(options: PushWorkerOptions = {}): FakeScope {
  const scope = new FakeScope();
  listenForPush(scope, options);
  return scope;
}

describe("a push message", () => {
  it("[R27 PUSHWORKER-1] is shown as the payload says, and the next of its conversation replaces it and rings again", async () => {
    expect(
      WebPushPayload.safeParse(JSON.parse(payload(1, { badge: 3, cleared: { [OTHER]: 4 } }))).error,
    ).toBe(undefined);
    const scope = worker({ icon: "/icon.png", badge: "/badge.png" });
    await scope.push(payload(1, { lang: "ar", dir: "rtl" }));
    await scope.push(payload(2));
    await scope.push(payload(1, { id: OTHER }));
    expect(scope.registration.titles()).toEqual(["message 2", "message 1"]);
    expect(scope.registration.log[0]).toEqual({
      title: "message 1",
      options: {
        icon: "/icon.png",
        badge: "/badge.png",
        body: "Hello",
        tag: ID,
        lang: "ar",
        dir: "rtl",
        renotify: true,
        data: {
          type: "message",
          conversation_id: ID,
          message_id: null,
          seq: 1,
          navigate: `https://app.test/c/${ID}`,
          cleared: {},
        },
      },
    });
  });

  it("[PUSHWORKER-2] an edit and a silent message replace without a sound, and the older of two never replaces the newer", async () => {
    const scope = worker();
    await scope.push(payload(5));
    await scope.push(payload(5, { type: "edited", title: "edited" }));
    await scope.push(payload(6, { silent: true }));
    await scope.push(payload(4, { badge: 9 }));
    expect(scope.registration.titles()).toEqual(["message 6"]);
    expect(
      scope.registration.log.map(({ title, options }) => [title, options.silent, options.renotify]),
    ).toEqual([
      ["message 5", undefined, true],
      ["edited", true, undefined],
      ["message 6", true, undefined],
      ["message 6", true, undefined],
    ]);
    expect(scope.navigator.setAppBadge).not.toHaveBeenCalled();
  });

  it("[PUSHWORKER-2] of two that are handled at the same moment the newer stays too", async () => {
    const scope = worker();
    const { registration } = scope;
    const show = registration.showNotification.bind(registration);
    // The older one takes longer.
    vi.spyOn(registration, "showNotification").mockImplementation(async (title, options) => {
      if (title === "message 1") await new Promise((resolve) => setTimeout(resolve, 20));
      await show(title, options);
    });
    await Promise.all([scope.push(payload(1)), scope.push(payload(2))]);
    await Promise.all([scope.push(payload(4)), scope.push(payload(3))]);
    expect(registration.titles()).toEqual(["message 4"]);
    expect(registration.log.map(({ title }) => title)).toEqual([
      "message 1",
      "message 2",
      "message 4",
      "message 4",
    ]);
  });

  it("[R27 PUSHWORKER-3] sets the badge, and closes what was read on another device", async () => {
    const scope = worker();
    await scope.push(payload(7));
    await scope.push(payload(8, { id: OTHER, badge: 2, cleared: { [ID]: 6 } }));
    expect(scope.registration.titles()).toEqual(["message 7", "message 8"]);
    await scope.push(payload(9, { id: OTHER, badge: 0, cleared: { [ID]: 7 } }));
    expect(scope.registration.titles()).toEqual(["message 9"]);
    expect(scope.navigator.setAppBadge.mock.calls).toEqual([[2]]);
    expect(scope.navigator.clearAppBadge).toHaveBeenCalledOnce();
  });

  it.each([
    undefined,
    "",
    "{",
    "null",
    "7",
    "{}",
    '{"web_push":8030}',
    '{"notification":{"title":"hi","data":{"type":"message"}}}',
    '{"web_push":8030,"notification":{"title":""}}',
  ])("[PUSHWORKER-4] that is not ours still shows something: %j", async (text) => {
    const scope = worker({ title: "Neue Nachricht" });
    await scope.push(text);
    await scope.push(text);
    expect(scope.registration.titles()).toEqual(["Neue Nachricht"]);
  });

  it("[PUSHWORKER-4] whatever it holds, exactly one notification is shown and nothing is thrown", async () => {
    const member = fc.oneof(fc.jsonValue(), fc.constantFrom(8030, ID, "message", "ltr", "", true, -1, 1.5));
    const message = fc.record(
      {
        web_push: fc.oneof({ weight: 9, arbitrary: fc.constant(8030) }, member),
        app_badge: member,
        notification: fc.record(
          {
            ...{ title: member, body: member, tag: member, dir: member, lang: member, silent: member },
            navigate: member,
            data: fc.record({ type: member, conversation_id: member, seq: member, cleared: member }, {}),
          },
          { requiredKeys: ["data"] },
        ),
      },
      { requiredKeys: ["web_push", "notification"] },
    );
    await fc.assert(
      fc.asyncProperty(message, async (value) => {
        const scope = worker();
        await scope.push(JSON.stringify(value));
        expect(scope.registration.shown).toHaveLength(1);
      }),
      { numRuns: 150 },
    );
  });

  it("[PUSHWORKER-4] one that says its own conversation is read is shown all the same", async () => {
    const scope = worker();
    await scope.push(payload(3));
    await scope.push(payload(4, { cleared: { [ID]: 9 } }));
    expect(scope.registration.titles()).toEqual(["message 4"]);
  });

  it("[PUSHWORKER-4] where the first notification fails, another one is shown", async () => {
    const scope = worker();
    vi.spyOn(scope.registration, "showNotification").mockRejectedValueOnce(new TypeError("a bad icon"));
    await scope.push(payload(1));
    expect(scope.registration.titles()).toEqual(["New message"]);
  });

  it("[R27 PUSHWORKER-5] is not shown where the user looks at its conversation; Safari wants to see it all the same", async () => {
    const asked: unknown[] = [];
    const scope = worker();
    const { window } = fakeWindow((question) => {
      asked.push(question);
      return { is_on_screen: question.conversation_id === ID, is_read: false };
    });
    // The one in the middle does not answer, and the last one is another app of the same origin.
    scope.windows.push(
      fakeWindow(() => undefined).window,
      window,
      fakeWindow(() => ({ is_on_screen: true }), "https://app.test.evil/").window,
    );
    await scope.push(payload(1));
    expect(scope.registration.log).toEqual([]);
    expect(asked).toEqual([{ rocket_chat_push: "view", conversation_id: ID, seq: 1 }]);
    await scope.push(payload(1, { id: OTHER }));
    expect(scope.registration.titles()).toEqual(["message 1"]);
    scope.navigator.userAgent = "Mozilla/5.0 (Macintosh) AppleWebKit/605 Version/18.3 Safari/605";
    await scope.push(payload(2));
    expect(scope.registration.log.at(-1)).toMatchObject({ title: "message 2", options: { silent: true } });
    expect(scope.registration.titles()).toEqual(["message 1"]);
  });

  it("[PUSHWORKER-6] that was read already makes no sound", async () => {
    const scope = worker();
    scope.windows.push(fakeWindow(() => ({ is_on_screen: false, is_read: true })).window);
    await scope.push(payload(1));
    expect(scope.registration.log[0]?.options).toMatchObject({ silent: true });
    expect(scope.registration.log[0]?.options.renotify).toBeUndefined();
  });
});

describe("a click on a notification", () => {
  /** A notification that is on the screen. */
  async function shown(scope: FakeScope, text = payload(3)) {
    await scope.push(text);
    return scope.registration.shown.at(-1) ?? expect.fail("nothing is shown");
  }

  it("[R27 PUSHWORKER-7] goes to an open window of the app, which shows the conversation", async () => {
    const scope = worker();
    const silent = fakeWindow(() => undefined);
    const app = fakeWindow(({ rocket_chat_push: kind }) => (kind === "ready" ? true : undefined));
    const behind = fakeWindow(({ rocket_chat_push: kind }) => (kind === "ready" ? true : undefined));
    scope.windows.push(silent.window, app.window, behind.window);
    await scope.happen("notificationclick", { notification: await shown(scope) });
    expect(app.heard.at(-1)).toEqual({
      rocket_chat_push: "open",
      conversation_id: ID,
      message_id: null,
      navigate: `https://app.test/c/${ID}`,
    });
    expect(app.window.focus).toHaveBeenCalledOnce();
    expect(behind.heard.some(({ rocket_chat_push: kind }) => kind === "open")).toBe(false);
    expect(scope.clients.openWindow).not.toHaveBeenCalled();
    expect(scope.registration.shown).toEqual([]);
  });

  it("[R27 PUSHWORKER-7] opens the address where no app answers, and only an address of the web", async () => {
    const scope = worker({ home: "chat" });
    const addresses = [`/c/${ID}`, "javascript:alert(1)", "data:text/html,x", "http://[", 7, undefined];
    for (const navigate of addresses) {
      await scope.happen("notificationclick", { notification: await shown(scope, payload(3, { navigate })) });
    }
    const notification = await shown(scope, "broken");
    scope.windows.push(fakeWindow(() => undefined).window);
    await scope.happen("notificationclick", { notification });
    expect(scope.clients.openWindow.mock.calls.map(([url]) => url)).toEqual([
      `https://app.test/c/${ID}`,
      ...Array(6).fill("https://app.test/chat"),
    ]);
  });

  it("[PUSHWORKER-7] a browser that allows no window is no error", async () => {
    const scope = worker();
    scope.clients.openWindow.mockRejectedValueOnce(new Error("InvalidAccessError"));
    await scope.happen("notificationclick", { notification: await shown(scope) });
    expect(scope.clients.openWindow).toHaveBeenCalledTimes(1);
  });
});

describe("a changed subscription", () => {
  const key = bytes("a key of the server");
  const [old, fresh] = [
    new FakeSubscription("https://push.test/old", key),
    new FakeSubscription("https://push.test/new", key),
  ];

  it("[R27 PUSHWORKER-8] is made again with the old key and registered by a page", async () => {
    const scope = worker();
    const page = fakeWindow(() => true);
    scope.windows.push(page.window);
    await scope.happen("pushsubscriptionchange", { oldSubscription: old });
    expect(scope.registration.keys).toEqual([key]);
    await scope.happen("pushsubscriptionchange", { oldSubscription: old, newSubscription: fresh });
    expect(scope.registration.keys).toHaveLength(1);
    expect(page.heard).toEqual(
      ["https://push.test/1", "https://push.test/new"].map((endpoint) => ({
        rocket_chat_push: "subscription",
        subscription: { endpoint, expirationTime: null, keys: { p256dh: "p", auth: "a" } },
      })),
    );
  });

  it("[PUSHWORKER-8] without the old one the key of the options is used; without either, the page does it later", async () => {
    const scope = worker({ vapid_key: btoa("key") });
    await scope.happen("pushsubscriptionchange", {});
    expect(scope.registration.keys).toEqual([bytes("key")]);
    const other = worker();
    await other.happen("pushsubscriptionchange", {});
    vi.spyOn(other.registration.pushManager, "subscribe").mockRejectedValueOnce(new Error("NotAllowedError"));
    await other.happen("pushsubscriptionchange", { oldSubscription: old });
    expect(other.registration.keys).toEqual([]);
  });
});
