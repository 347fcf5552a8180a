import { ApiError, CLOSE } from "@rocket-chat-api/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { pauseAfter } from "../../packages/client/src/backoff.ts";
import { Connection } from "../../packages/client/src/connection.ts";
import { fakeSockets } from "./client-kit.ts";

const BACKOFF = { base_ms: 1_000, cap_ms: 8_000, random: () => 1 };

function connection(ended: (code: number) => boolean = () => true) {
  const { sockets, open } = fakeSockets();
  const statuses: string[] = [];
  const url = vi.fn(async (_lean: boolean) => "wss://chat.test/ws");
  const made = new Connection(
    { open, url, backoff: BACKOFF },
    { status: (status) => statuses.push(status), heard: () => undefined, ended },
  );
  return { made, sockets, statuses, url };
}

const wait = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("backoff", () => {
  it("[BACKOFF] doubles up to a cap, and any part of it is as likely", () => {
    const bounds = [1, 2, 3, 4, 5, 100].map((failures) => pauseAfter(failures, BACKOFF));
    expect(bounds).toEqual([1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
    expect(pauseAfter(3, { ...BACKOFF, random: () => 0.25 })).toBe(1_000);
  });
});

describe("a connection", () => {
  it("[CONNECT-1] is opened anew when it ends, after growing pauses", async () => {
    const { made, sockets, statuses } = connection();
    made.start();
    await wait(0);
    sockets[0]?.establish();
    expect(statuses).toEqual(["connecting", "open"]);
    sockets[0]?.drop();
    await wait(999);
    expect(sockets).toHaveLength(1);
    await wait(1);
    expect(sockets).toHaveLength(2);
    sockets[1]?.drop();
    await wait(1_999);
    expect(sockets).toHaveLength(2);
    await wait(1);
    expect(sockets).toHaveLength(3);
    made.stop();
  });

  it("[CONNECT-2] that lasted was a good one: the next pause is short again", async () => {
    const { made, sockets } = connection();
    made.start();
    await wait(0);
    sockets[0]?.drop();
    await wait(1_000);
    sockets[1]?.establish();
    await wait(6_000);
    sockets[1]?.drop();
    await wait(1_000);
    expect(sockets).toHaveLength(3);
    made.stop();
  });

  it("[LEAN-10] asks for the short form, until a frame cannot be read", async () => {
    const { made, sockets, url } = connection();
    made.start();
    await wait(0);
    sockets[0]?.establish();
    sockets[0]?.drop();
    await wait(1_000);
    sockets[1]?.establish();
    sockets[1]?.frame("not JSON");
    await wait(2_000);
    sockets[2]?.drop();
    await wait(4_000);
    expect(url.mock.calls).toEqual([[true], [true], [false], [false]]);
    made.stop();
  });

  it("[CONNECT-3] waits as the server asks: Retry-After before the handshake, and after 4008", async () => {
    const { made, sockets, url } = connection();
    const refusal = { code: "RATE_LIMIT_EXCEEDED" as const, message: "later" };
    url.mockRejectedValueOnce(new ApiError(refusal, { status: 429, retry_after_ms: 7_000 }));
    made.start();
    await wait(7_999);
    expect(sockets).toHaveLength(0);
    await wait(1);
    sockets[0]?.establish();
    sockets[0]?.drop(CLOSE.RATE_LIMITED);
    await wait(6_999);
    expect(sockets).toHaveLength(1);
    await wait(1);
    expect(sockets).toHaveLength(2);
    made.stop();
  });

  it("[R23 CONNECT-5] acts on the error that tells of a close as on the close: another connection, a pause, or none", async () => {
    const { made, sockets } = connection((code) => code !== CLOSE.REMOVED);
    const say = (index: number, close_code: number) =>
      sockets[index]?.say({ type: "error", code: "FORBIDDEN", message: "", details: { close_code } });
    made.start();
    await wait(0);
    sockets[0]?.establish();
    say(0, CLOSE.TOKEN_EXPIRED);
    await wait(1_000);
    expect(sockets).toHaveLength(2);
    sockets[1]?.establish();
    say(1, CLOSE.RATE_LIMITED);
    await wait(6_999);
    expect(sockets).toHaveLength(2);
    await wait(1);
    expect(sockets).toHaveLength(3);
    sockets[2]?.establish();
    say(2, CLOSE.REMOVED);
    await wait(60_000);
    expect(sockets).toHaveLength(3);
    expect(made.status).toBe("idle");
  });

  it("[CONNECT-4] stays away when told so, and when stopped", async () => {
    const { made, sockets, statuses } = connection((code) => code !== CLOSE.REMOVED);
    made.start();
    await wait(0);
    sockets[0]?.drop(CLOSE.REMOVED);
    await wait(60_000);
    expect(sockets).toHaveLength(1);
    expect(statuses.at(-1)).toBe("idle");
    made.start();
    await wait(0);
    sockets[1]?.establish();
    made.stop();
    made.start();
    await wait(0);
    expect(sockets).toHaveLength(3);
    made.stop();
    await wait(60_000);
    expect(sockets).toHaveLength(3);
    expect(vi.getTimerCount()).toBe(0);
  });
});
