import {
  ApiError,
  ConnectionLost,
  createRest,
  Http,
  isRetryable,
  Tokens,
  userOf,
} from "@rocket-chat-api/client";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Refresher } from "../../packages/client/src/refresher.ts";
import { ANN, ID, token } from "./client-kit.ts";

const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(body === undefined ? null : JSON.stringify(body), { status, headers });

function service(...answers: (Response | Error)[]) {
  const asked: [string, RequestInit][] = [];
  const provider = vi.fn(() => token(3_600));
  const fetcher = async (url: string, init: RequestInit) => {
    asked.push([url, init]);
    const answer = answers.shift() ?? json(204, undefined);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { rest: createRest(new Http("https://chat.test/", new Tokens(provider), fetcher)), asked, provider };
}

afterEach(() => {
  vi.useRealTimers();
});

describe("requests", () => {
  it("[HTTP-1] carry the token, the query and the body", async () => {
    const { rest, asked } = service(json(200, { messages: [] }), json(201, {}), json(204, undefined));
    await rest.listMessages({ conversation_id: ID, limit: 10 });
    await rest.addReaction({ message_id: ID, emoji: "👍" });
    await rest.removeReaction({ message_id: ID, emoji: "👍" });
    expect(asked.map(([url, { method }]) => `${method} ${url}`)).toEqual([
      `GET https://chat.test/api/v1/conversations/${ID}/messages?limit=10`,
      `POST https://chat.test/api/v1/messages/${ID}/reactions`,
      `DELETE https://chat.test/api/v1/messages/${ID}/reactions/%F0%9F%91%8D`,
    ]);
    expect(asked[1]?.[1].body).toBe('{"emoji":"👍"}');
    expect(new Headers(asked[0]?.[1].headers).get("authorization")).toMatch(/^Bearer head\./);
  });

  it("[HTTP-2] that are refused throw what the server says, and whether trying again can help", async () => {
    const body = {
      code: "RATE_LIMIT_EXCEEDED",
      message: "slow down",
      details: { limit: 100 },
      request_id: "r",
    };
    const { rest } = service(
      json(429, body, { "retry-after": "12" }),
      json(404, { ...body, code: "NOT_FOUND" }),
    );
    const limited = await rest.me().catch((error: unknown) => error);
    expect(limited).toBeInstanceOf(ApiError);
    expect(limited).toMatchObject({
      code: "RATE_LIMIT_EXCEEDED",
      status: 429,
      details: { limit: 100 },
      request_id: "r",
      retry_after_ms: 12_000,
    });
    const missing = await rest.me().catch((error: unknown) => error);
    expect([isRetryable(limited), isRetryable(missing)]).toEqual([true, false]);
  });

  it("[HTTP-3] that are not answered, or by something else, are a lost connection", async () => {
    const { rest } = service(new TypeError("fetch failed"), new Response("<html>", { status: 502 }));
    await expect(rest.me()).rejects.toBeInstanceOf(ConnectionLost);
    await expect(rest.me()).rejects.toBeInstanceOf(ConnectionLost);
  });

  it("[HTTP-4] whose token is refused are tried once more with a new one", async () => {
    const refusal = { code: "UNAUTHORIZED", message: "expired", request_id: "r" };
    const { rest, provider } = service(
      json(401, refusal),
      json(200, { user_id: ANN }),
      json(401, refusal),
      json(401, refusal),
    );
    expect(await rest.me()).toEqual({ user_id: ANN });
    expect(provider.mock.calls).toEqual([[{ refresh: false }], [{ refresh: true }]]);
    await expect(rest.me()).rejects.toMatchObject({ code: "UNAUTHORIZED" });
  });
});

describe("tokens", () => {
  it("[TOKEN-1] are kept while they last, and asked for once by all who need one", async () => {
    const provider = vi.fn(async () => token(3_600));
    const tokens = new Tokens(provider);
    const [one, two] = await Promise.all([tokens.get(), tokens.get()]);
    expect(one).toBe(two);
    await tokens.get();
    expect(provider).toHaveBeenCalledTimes(1);
    expect(userOf(one)).toBe(ANN);
    expect(userOf("nonsense")).toBeUndefined();
  });

  it("[TOKEN-2] about to end are replaced before they are used", async () => {
    const provider = vi.fn(() => token(5));
    const tokens = new Tokens(provider);
    await tokens.get();
    await tokens.get();
    expect(provider.mock.calls).toEqual([[{ refresh: false }], [{ refresh: true }]]);
  });

  it("[TOKEN-3] of an open connection are refreshed a minute before they end, again and again", async () => {
    vi.useFakeTimers();
    const tokens = new Tokens(() => token(600));
    const sent: string[] = [];
    const refresher = new Refresher(tokens, async (fresh) => sent.push(fresh));
    await refresher.start();
    await vi.advanceTimersByTimeAsync(539_000);
    expect(sent).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sent).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(540_000);
    expect(sent).toHaveLength(2);
    refresher.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("[TOKEN-4] that cannot be replaced are tried again until they end; those without an end are left alone", async () => {
    vi.useFakeTimers();
    const first = token(100);
    const failing = new Tokens(({ refresh }) => {
      if (refresh) throw new Error("the identity provider is away");
      return first;
    });
    const refresher = new Refresher(failing, async () => undefined);
    await refresher.start();
    await vi.advanceTimersByTimeAsync(200_000);
    expect(vi.getTimerCount()).toBe(0);
    await new Refresher(new Tokens(() => "opaque"), async () => undefined).start();
    expect(vi.getTimerCount()).toBe(0);
  });
});
