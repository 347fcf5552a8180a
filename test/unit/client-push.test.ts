/** Push in the client library: a device's registration, and what is on its screen. */
import { ChatClient } from "@rocket-chat-api/client";
import { Push, watchForeground } from "@rocket-chat-api/client/push";
import { RegisterDevice } from "@rocket-chat-api/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ID, token } from "./client-kit.ts";
import { established, pushClient, refusal } from "./push-kit.ts";

const DEVICE: RegisterDevice = { platform: "android", provider: "fcm", token: "token-1", locale: "tr" };
const ME = "/devices/phone-1";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const wait = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

describe("a device", () => {
  it("[R27 CLIENT-P1] is named on the user's socket and on a conversation's", async () => {
    const { client, sockets } = pushClient();
    client.start();
    await wait();
    expect(new URL(sockets[0]?.url ?? "").searchParams.get("device_id")).toBe("phone-1");
    client.stop();
    const urls: string[] = [];
    const other = new ChatClient({
      url: "http://chat.test",
      token: () => token(3600),
      auth: "token",
      conversation_id: ID,
      device_id: "phone-1",
      openSocket: (url) => {
        urls.push(url);
        return { send: () => undefined, close: () => undefined };
      },
    });
    other.start();
    await wait();
    const { pathname, searchParams } = new URL(urls[0] ?? "");
    expect([pathname, searchParams.get("device_id")]).toEqual([`/api/v1/conversations/${ID}/ws`, "phone-1"]);
    other.stop();
  });

  it("[CLIENT-P1] without an id there is no push, and none in the address", async () => {
    const urls: string[] = [];
    const client = new ChatClient({
      url: "http://chat.test",
      token: () => token(3600),
      auth: "token",
      openSocket: (url) => {
        urls.push(url);
        return { send: () => undefined, close: () => undefined };
      },
    });
    client.start();
    await wait();
    expect(urls[0]).not.toContain("device_id");
    expect(() => new Push(client)).toThrow("device_id");
    client.stop();
  });

  it("[R27 CLIENT-P2] is registered whole, and again with a new token", async () => {
    const { push, asked } = pushClient();
    expect(await push.changeAddress("token-0")).toBeUndefined();
    expect(asked).toEqual([]);
    await push.register(DEVICE);
    await push.changeAddress("token-2");
    const subscription = { endpoint: "https://push.test/1", keys: { p256dh: "p", auth: "a" } };
    await push.register({ platform: "web", provider: "webpush", subscription });
    await push.changeAddress({ ...subscription, endpoint: "https://push.test/2" });
    expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual(Array(4).fill(`PUT ${ME}`));
    expect(asked.map(({ body }) => body)).toEqual([
      DEVICE,
      { ...DEVICE, token: "token-2" },
      { platform: "web", provider: "webpush", subscription },
      {
        platform: "web",
        provider: "webpush",
        subscription: { ...subscription, endpoint: "https://push.test/2" },
      },
    ]);
    expect(RegisterDevice.safeParse(asked[1]?.body).success).toBe(true);
  });

  it("[CLIENT-P3] that could not be registered is registered with the next connection, unless it was refused", async () => {
    let answer: Response | undefined = refusal(503, "SERVICE_UNAVAILABLE");
    const { client, push, asked, sockets } = pushClient(() => answer?.clone());
    await expect(push.register(DEVICE)).rejects.toMatchObject({ code: "SERVICE_UNAVAILABLE" });
    answer = refusal(400, "VALIDATION_ERROR");
    client.start();
    await established(sockets);
    await wait();
    expect(asked).toHaveLength(2);
    sockets[0]?.drop();
    await wait(10);
    await established(sockets, 2);
    await wait();
    expect(asked).toHaveLength(2);
    answer = undefined;
    await push.register(DEVICE);
    sockets[1]?.drop();
    await wait(10);
    await established(sockets, 3);
    await wait();
    expect(asked).toHaveLength(3);
    client.stop();
  });

  it("[R27 CLIENT-P4] that logs out is removed at the server and in the browser, and the client stops", async () => {
    const { client, push, asked } = pushClient(({ method }) =>
      method === "DELETE" ? new Response(null, { status: 204 }) : undefined,
    );
    client.start();
    await push.register(DEVICE);
    const local = vi.fn(async () => Promise.reject(new Error("of the browser")));
    push.onLogOut(local);
    await push.logOut();
    expect(local).toHaveBeenCalledOnce();
    expect(asked.at(-1)).toMatchObject({ method: "DELETE", path: ME });
    expect(client.status).toBe("idle");
    // Nothing is left that a later token could bring back.
    expect(await push.changeAddress("token-2")).toBeUndefined();
  });

  it("[CLIENT-P4] where the server does not hear of it, logging out says so and stops all the same; a device that is gone is no error", async () => {
    let status = 500;
    const { client, push } = pushClient(() =>
      refusal(status, status === 404 ? "NOT_FOUND" : "INTERNAL_ERROR"),
    );
    client.start();
    await expect(push.logOut()).rejects.toMatchObject({ code: "INTERNAL_ERROR" });
    expect(client.status).toBe("idle");
    status = 404;
    await expect(push.unregister()).resolves.toBeUndefined();
  });

  it("[CLIENT-P4 STORE-6] what is kept on the device is removed, whatever the server says", async () => {
    const { client, push } = pushClient(() => refusal(500, "INTERNAL_ERROR"));
    const logOut = vi.spyOn(client, "logOut");
    await expect(push.logOut()).rejects.toMatchObject({ code: "INTERNAL_ERROR" });
    expect(logOut).toHaveBeenCalledTimes(1);
  });

  it("[CLIENT-P4] a registration under way ends before the device is removed", async () => {
    const order: string[] = [];
    let arrived: (() => void) | undefined;
    const { client } = pushClient();
    const push = new Push({
      device_id: "phone-1",
      status: "idle",
      conversations: client.conversations,
      command: async () => undefined,
      on: () => () => undefined,
      stop: () => undefined,
      rest: {
        http: {
          request: async <T>(method: string) => {
            if (method === "PUT") await new Promise<void>((resolve) => (arrived = resolve));
            order.push(method);
            return undefined as T;
          },
        },
      },
    });
    const registered = push.register(DEVICE);
    const removed = push.unregister();
    await wait();
    arrived?.();
    await Promise.all([registered, removed]);
    expect(order).toEqual(["PUT", "DELETE"]);
  });

  it("[R27 CLIENT-P5] every other request goes where the server has it", async () => {
    const entries = [{ decision: "sent" }];
    const { push, asked } = pushClient(({ path }) => {
      if (path.endsWith("/log")) return Response.json({ entries });
      if (path === "/devices") return Response.json({ devices: [] });
      return path === "/push/vapid-key" ? Response.json({ public_key: "key" }) : undefined;
    });
    expect(await push.devices()).toEqual([]);
    expect(await push.log()).toEqual(entries);
    expect(await push.vapidKey()).toBe("key");
    await push.test();
    await push.test("other/1");
    await push.preferences();
    await push.updatePreferences({ level: "mentions", snooze_until: null });
    await push.unregister("other/1");
    expect(asked.map(({ method, path, body }) => [method, path, body])).toEqual([
      ["GET", "/devices", undefined],
      ["GET", `${ME}/log`, undefined],
      ["GET", "/push/vapid-key", undefined],
      ["POST", `${ME}/test`, undefined],
      ["POST", "/devices/other%2F1/test", undefined],
      ["GET", "/push-preferences", undefined],
      ["PATCH", "/push-preferences", { level: "mentions", snooze_until: null }],
      ["DELETE", "/devices/other%2F1", undefined],
    ]);
  });
});

/** A connected client, and the states that its newest socket was sent. */
async function watching() {
  const made = pushClient();
  made.client.start();
  await established(made.sockets);
  const states = () =>
    made.sockets
      .at(-1)
      ?.sent.filter(({ type }) => type === "device.state")
      .map(({ foreground, conversation_id }) => [foreground, conversation_id]);
  const answer = async () => {
    made.sockets.at(-1)?.answer("device.state", null);
    await wait();
  };
  return { ...made, states, answer };
}

describe("what is on the screen", () => {
  it("[R27 CLIENT-P6] is sent once for a turn, once while it stays, and the last of what comes in between", async () => {
    const { client, push, states, answer } = await watching();
    await wait();
    expect(states()).toEqual([]);
    push.setForeground(true);
    push.setConversation(ID);
    await wait();
    expect(states()).toEqual([[true, ID]]);
    // Unanswered: the next ones wait for the answer.
    push.setConversation(null);
    await wait(1_000);
    push.setForeground(false);
    await wait(1_000);
    expect(states()).toEqual([[true, ID]]);
    await answer();
    expect(states()).toEqual([
      [true, ID],
      [false, null],
    ]);
    await answer();
    push.setForeground(false);
    await wait(1_000);
    expect(states()).toHaveLength(2);
    client.stop();
  });

  it("[CLIENT-P6] the background is announced at once, the foreground at most four times a second", async () => {
    const { client, push, states, answer } = await watching();
    push.setForeground(true, ID);
    await wait();
    await answer();
    push.setForeground(false);
    await wait();
    await answer();
    expect(states()).toEqual([
      [true, ID],
      [false, ID],
    ]);
    push.setForeground(true);
    await wait(249);
    expect(states()).toHaveLength(2);
    await wait(1);
    expect(states()?.at(-1)).toEqual([true, ID]);
    client.stop();
  });

  it("[R27 CLIENT-P7] is sent again with every new connection", async () => {
    const { client, push, sockets, states, answer } = await watching();
    push.setForeground(true, ID);
    await wait();
    await answer();
    sockets[0]?.drop();
    await wait(10);
    await established(sockets, 2);
    await wait(250);
    expect(sockets).toHaveLength(2);
    expect(states()).toEqual([[true, ID]]);
    // Lost on its way.
    push.setForeground(false);
    await wait();
    sockets[1]?.drop();
    await wait(10);
    await established(sockets, 3);
    await wait();
    expect(states()).toEqual([[false, ID]]);
    client.stop();
  });

  it("[CLIENT-P8] a busy server is asked again, one that refuses is not: many refusals would close the socket", async () => {
    const { client, push, sockets, states } = await watching();
    const refuse = async (code: "RATE_LIMIT_EXCEEDED" | "VALIDATION_ERROR") => {
      const request_id = sockets[0]?.last("device.state")?.request_id;
      sockets[0]?.say({ type: "error", code, message: "", ...(request_id && { request_id }) });
      await wait();
    };
    push.setForeground(true, ID);
    await wait();
    await refuse("RATE_LIMIT_EXCEEDED");
    await wait(4_999);
    expect(states()).toHaveLength(1);
    await wait(1);
    expect(states()).toHaveLength(2);
    await refuse("VALIDATION_ERROR");
    await wait(20_000);
    expect(states()).toHaveLength(2);
    client.stop();
  });

  it("[CLIENT-P9] a page is in front while it is visible and has the focus; nothing happens where there is no page", async () => {
    const { push } = pushClient();
    const said = vi.spyOn(push, "setForeground");
    expect(watchForeground(push)()).toBeUndefined();
    expect(said).not.toHaveBeenCalled();
    const [window, target] = [new EventTarget(), new EventTarget()];
    const page = {
      visibilityState: "visible",
      isFocused: true,
      defaultView: window,
      hasFocus: () => page.isFocused,
      addEventListener: target.addEventListener.bind(target),
      removeEventListener: target.removeEventListener.bind(target),
    };
    const stop = watchForeground(push, page);
    page.isFocused = false;
    window.dispatchEvent(new Event("blur"));
    page.isFocused = true;
    window.dispatchEvent(new Event("focus"));
    page.visibilityState = "hidden";
    target.dispatchEvent(new Event("visibilitychange"));
    expect(said.mock.calls).toEqual([[true], [false], [true], [false]]);
    stop();
    window.dispatchEvent(new Event("focus"));
    target.dispatchEvent(new Event("visibilitychange"));
    expect(said).toHaveBeenCalledTimes(4);
    push.setForeground(true, ID);
    expect([push.isOnScreen(ID), push.isOnScreen("other")]).toEqual([true, false]);
    push.setForeground(false);
    expect(push.isOnScreen(ID)).toBe(false);
  });
});
