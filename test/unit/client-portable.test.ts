import { createRest, Http, Tokens } from "@rocket-chat-api/client";
import { describe, expect, it, vi } from "vitest";
import { deadline, randomUuid } from "../../packages/client/src/portable.ts";
import { token } from "./client-kit.ts";

describe("where things are missing", () => {
  it("[CLIENT-60] a UUID is made from random bytes where there is no randomUUID, and an error says what to load", () => {
    const made = randomUuid({ getRandomValues: (bytes) => bytes.fill(0xff) });
    expect(made).toBe("ffffffff-ffff-4fff-bfff-ffffffffffff");
    expect(randomUuid({ getRandomValues: (bytes) => bytes.fill(0) })).toBe(
      "00000000-0000-4000-8000-000000000000",
    );
    expect(randomUuid({ randomUUID: () => "own" })).toBe("own");
    expect(randomUuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(() => randomUuid({})).toThrow(/react-native-get-random-values/);
  });

  it("[CLIENT-61] a deadline ends a request by itself or with another signal, and no timer is left", () => {
    vi.useFakeTimers();
    try {
      const late = deadline(1_000);
      vi.advanceTimersByTime(999);
      expect(late.signal.aborted).toBe(false);
      vi.advanceTimersByTime(1);
      expect(late.signal.aborted).toBe(true);
      const other = new AbortController();
      const joined = deadline(1_000, other.signal);
      other.abort("enough");
      expect([joined.signal.aborted, joined.signal.reason]).toEqual([true, "enough"]);
      expect(deadline(1_000, other.signal).signal.aborted).toBe(true);
      const done = deadline(1_000);
      done.done();
      joined.done();
      vi.advanceTimersByTime(2_000);
      expect(done.signal.aborted).toBe(false);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it("[CLIENT-62] requests go without AbortSignal.timeout and AbortSignal.any, which React Native lacks", async () => {
    const { timeout, any } = AbortSignal;
    Object.assign(AbortSignal, { timeout: undefined, any: undefined });
    try {
      const asked = vi.fn(async () => new Response(JSON.stringify({ users: [] })));
      const rest = createRest(new Http("https://chat.test", new Tokens(() => token(3_600)), asked));
      expect(await rest.searchUsers("ann")).toEqual({ users: [] });
      expect(asked).toHaveBeenCalledOnce();
    } finally {
      Object.assign(AbortSignal, { timeout, any });
    }
  });

  it("[CLIENT-63] the answer must be there in time as a whole, and a stop in its middle is a lost connection", async () => {
    const other = new AbortController();
    const fetcher = async (_: string, { signal }: RequestInit) => {
      const body = new ReadableStream({
        start(stream) {
          stream.enqueue(new TextEncoder().encode('{"users":'));
          signal?.addEventListener("abort", () => stream.error(signal.reason));
        },
      });
      setTimeout(() => other.abort(), 10);
      return new Response(body);
    };
    const http = new Http("https://chat.test", new Tokens(() => token(3_600)), fetcher);
    await expect(http.request("GET", "/users", { signal: other.signal })).rejects.toMatchObject({
      name: "ConnectionLost",
    });
  });
});
