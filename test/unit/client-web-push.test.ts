/** Web Push in a page: the subscription, what the worker asks, and what a page tidies up. */
import { linkPushWorker, resumeWebPush, subscribeWebPush } from "@rocket-chat-api/client/push";
import type { ServerEvent } from "@rocket-chat-api/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { unreadTotal } from "../../packages/client/src/push/badge.ts";
import { ANN, BOB, begun, deleted, ID, receipt, said } from "./client-kit.ts";
import {
  bytes,
  established,
  FakeContainer,
  FakeRegistration,
  FakeSubscription,
  hasConversation,
  pushClient,
} from "./push-kit.ts";

const OTHER = ID.replace(/^./, "1");
/** "key" and "new key" as the server gives them. */
const [KEY, NEW_KEY] = ["a2V5", "bmV3IGtleQ"];

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const wait = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

function browser(public_key = KEY) {
  const registration = new FakeRegistration();
  const made = pushClient(({ path }) => {
    if (path === "/push/vapid-key") return Response.json({ public_key });
    return undefined;
  });
  const registered = () => made.asked.filter(({ method }) => method === "PUT").map(({ body }) => body);
  return { ...made, registration, registered };
}

describe("a browser's subscription", () => {
  it("[R27 CLIENT-P10] is made with the server's key and registered, and the next time it is used again", async () => {
    const { push, registration, registered } = browser();
    await subscribeWebPush(push, registration, { locale: "tr", preview: "sender" });
    await subscribeWebPush(push, registration, { locale: "tr", preview: "sender" });
    expect(registration.keys).toEqual([bytes("key")]);
    const subscription = {
      endpoint: "https://push.test/1",
      expirationTime: null,
      keys: { p256dh: "p", auth: "a" },
    };
    const device = { platform: "web", provider: "webpush", locale: "tr", preview: "sender", subscription };
    expect(registered()).toEqual([device, device]);
  });

  it("[R27 CLIENT-P11] for another key is ended and made again", async () => {
    const { push, registration, registered } = browser(NEW_KEY);
    const old = new FakeSubscription("https://push.test/old", bytes("key"));
    registration.subscription = old;
    await resumeWebPush(push, registration);
    expect(old.isOver).toBe(true);
    expect(registration.keys).toEqual([bytes("new key")]);
    expect(registered()).toMatchObject([{ subscription: { endpoint: "https://push.test/1" } }]);
  });

  it("[CLIENT-P12] that is not there is not asked for at a start, and a browser without push says what to do", async () => {
    const { push, registration, asked } = browser();
    expect(await resumeWebPush(push, registration)).toBeUndefined();
    expect(await resumeWebPush(push, { getNotifications: async () => [] })).toBeUndefined();
    expect(asked).toEqual([]);
    await expect(subscribeWebPush(push, { getNotifications: async () => [] })).rejects.toThrow("home screen");
  });
});

/** A connected page with its worker. Ann looks at it; she knows one message of Bob's at 2, unread. */
async function page() {
  const made = browser();
  const container = new FakeContainer();
  const open = vi.fn();
  const navigator = {
    setAppBadge: vi.fn(async () => undefined),
    clearAppBadge: vi.fn(async () => undefined),
  };
  const stop = linkPushWorker(made.push, { registration: made.registration, open, container, navigator });
  made.client.start();
  const socket = await established(made.sockets);
  hasConversation(socket);
  await wait(250);
  const show = (seq: number, id = ID, message_id: string | null = null) =>
    made.registration.showNotification(`${seq}`, {
      tag: `${id} ${seq}`,
      data: { type: "message", conversation_id: id, message_id, seq },
    });
  return { ...made, container, open, navigator, stop, socket, show };
}

describe("a page with a push worker", () => {
  it("[R27 CLIENT-P13] closes what is shown of a conversation up to where it was read, here or elsewhere", async () => {
    const { client, registration, socket, show } = await page();
    await registration.showNotification("of another", { data: { seq: 1 } });
    for (const seq of [1, 2, 3]) await show(seq);
    await show(1, OTHER);
    socket.say(receipt(BOB, 2, "read") as ServerEvent);
    await wait();
    expect(registration.titles()).toEqual(["of another", "1", "2", "3", "1"]);
    socket.say(receipt(ANN, 2, "read") as ServerEvent);
    await wait();
    expect(registration.titles()).toEqual(["of another", "3", "1"]);
    client.stop();
  });

  it("[R27 CLIENT-P14] closes what is shown of a deleted message", async () => {
    const { client, registration, socket, show } = await page();
    const event = deleted(3, 2);
    if (event.type !== "message.deleted") expect.fail("another event");
    await show(2, ID, event.data.message_id);
    await show(1);
    socket.say(event as ServerEvent);
    await wait();
    expect(registration.titles()).toEqual(["1"]);
    client.stop();
  });

  it("[R27 CLIENT-P15] shows the unread total on the icon: the server's where it says one", async () => {
    const { client, navigator, socket } = await page();
    expect(navigator.setAppBadge.mock.calls).toEqual([[1]]);
    socket.say(said(3, BOB) as ServerEvent, said(4, BOB) as ServerEvent);
    await wait(250);
    expect(navigator.setAppBadge.mock.calls).toEqual([[1], [3]]);
    socket.say({ type: "unread.total", data: { messages: 7 } } as unknown as ServerEvent);
    await wait(250);
    socket.say(receipt(ANN, 4, "read") as ServerEvent);
    socket.say({ type: "unread.total", data: { messages: 0 } } as unknown as ServerEvent);
    await wait(250);
    expect(navigator.setAppBadge.mock.calls).toEqual([[1], [3], [7]]);
    expect(navigator.clearAppBadge).toHaveBeenCalledOnce();
    client.stop();
  });

  it("[CLIENT-P15] the total leaves out what is muted, hidden or left", () => {
    const now = Date.parse("2026-11-16T12:00:00Z");
    const one = { ...begun(), unread_count: 2 };
    const muted = (muted_until: string | null) => ({
      ...one,
      preferences: { is_muted: true, muted_until, is_pinned: false, is_archived: false },
    });
    const states = [
      one,
      undefined,
      { ...one, membership: "removed" as const },
      { ...one, is_hidden: true },
      muted(null),
      muted("2026-11-16T12:00:01Z"),
      { ...muted("2026-11-16T11:59:59Z"), unread_count: 5 },
    ];
    expect(unreadTotal(states, now)).toBe(7);
  });

  it("[R27 CLIENT-P16] tells the worker what is on the screen and what is read, and closes the latter a little later", async () => {
    const { client, push, container, registration, socket, show } = await page();
    const view = (conversation_id: string, seq: number) =>
      container.say({ rocket_chat_push: "view", conversation_id, seq });
    expect(view(ID, 2)).toEqual([{ is_on_screen: false, is_read: false }]);
    push.setForeground(true, ID);
    expect(view(ID, 2)).toEqual([{ is_on_screen: true, is_read: false }]);
    expect(view(OTHER, 2)).toEqual([{ is_on_screen: false, is_read: false }]);
    push.setForeground(false);
    socket.say(receipt(ANN, 2, "read") as ServerEvent);
    expect(view(ID, 3)).toEqual([{ is_on_screen: false, is_read: false }]);
    expect(view(ID, 2)).toEqual([{ is_on_screen: false, is_read: true }]);
    await show(2);
    await show(3);
    await wait(1_000);
    expect(registration.titles()).toEqual(["3"]);
    client.stop();
  });

  it("[R27 CLIENT-P17] opens what was clicked, registers what the browser changed, and ignores what is not the worker's", async () => {
    const { client, push, registration, container, open, registered, stop } = await page();
    await subscribeWebPush(push, registration);
    const target = { conversation_id: ID, message_id: null, navigate: "https://app.test/" };
    expect(container.say({ rocket_chat_push: "ready" })).toEqual([true]);
    expect(container.say({ rocket_chat_push: "open", ...target })).toEqual([]);
    expect(open.mock.calls).toEqual([[target]]);
    const subscription = new FakeSubscription("https://push.test/changed", null).toJSON();
    expect(container.say({ rocket_chat_push: "subscription", subscription })).toEqual([true]);
    await wait();
    expect(registered().at(-1)).toMatchObject({ provider: "webpush", subscription });
    for (const other of [null, 7, "x", {}, { type: "open" }, { rocket_chat_push: "of tomorrow" }]) {
      expect(container.say(other)).toEqual([]);
    }
    stop();
    expect(container.say({ rocket_chat_push: "ready" })).toEqual([]);
    client.stop();
  });

  it("[R27 CLIENT-P18] logging out ends the subscription, closes everything and clears the icon", async () => {
    const { push, registration, navigator, show } = await page();
    await subscribeWebPush(push, registration);
    await show(1);
    await show(2, OTHER);
    await push.logOut();
    expect(registration.subscription?.isOver).toBe(true);
    expect(registration.shown).toEqual([]);
    expect(navigator.clearAppBadge).toHaveBeenCalled();
  });

  it("[CLIENT-P19] a page without service workers is told so", () => {
    const { push, registration } = browser();
    expect(() => linkPushWorker(push, { registration, open: () => undefined })).toThrow("https");
  });

  it("[CLIENT-P19] the interfaces fit the types of a browser", () => {
    const { push } = browser();
    const inABrowser = (registration: ServiceWorkerRegistration, { serviceWorker }: Navigator) =>
      linkPushWorker(push, { registration, container: serviceWorker, navigator, open: () => undefined });
    expect(inABrowser).toBeTypeOf("function");
  });
});
