import {
  ChatClient,
  type ClientError,
  type ClientOptions,
  ConnectionLost,
  Http,
  Tokens,
} from "@rocket-chat-api/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ANN, fakeSockets, ID, token } from "./client-kit.ts";

const PAGE = "https://page.test";
const BACKOFF = { base_ms: 1_000, cap_ms: 8_000, random: () => 1 };
/** What browsers, Node.js and workerd throw when there is no answer, whatever the reason. */
const failedFetch = () => new TypeError("Failed to fetch");
const wait = (ms: number) => vi.advanceTimersByTimeAsync(ms);

function refusal(status: number, code: string, details?: Record<string, unknown>): Response {
  return new Response(JSON.stringify({ code, message: `refused: ${code}`, details, request_id: "r" }), {
    status,
  });
}

/** A client whose requests are answered by path; `health` is what is asked without CORS. */
function client(
  answer: (path: string, init: RequestInit) => Response | Promise<Response>,
  options: Partial<ClientOptions> = {},
) {
  const { sockets, open } = fakeSockets();
  const errors: ClientError[] = [];
  const statuses: string[] = [];
  const asked: string[] = [];
  const made = new ChatClient({
    url: "https://chat.test",
    token: () => token(3_600),
    backoff: BACKOFF,
    openSocket: open,
    fetch: async (url, init) => {
      const { pathname } = new URL(url);
      asked.push(pathname);
      return await answer(pathname, init);
    },
    ...options,
  });
  made.on("error", (error) => errors.push(error));
  made.on("status", (status) => statuses.push(status));
  return { made, sockets, errors, statuses, asked };
}

const ticket = () => Response.json({ ticket: "t", expires_in: 30 }, { status: 201 });
const me = () => Response.json({ user_id: ANN });

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("why there is no connection", () => {
  it("[R4 FAIL-1] a page whose origin is not named hears at once which setting must name it", async () => {
    vi.stubGlobal("location", { origin: PAGE, href: `${PAGE}/` });
    const { made, errors, statuses } = client((_, { mode }) => {
      if (mode === "no-cors") return new Response();
      throw failedFetch();
    });
    made.start();
    await wait(0);
    expect(errors).toMatchObject([{ code: "ORIGIN_REFUSED", retryable: false }]);
    expect(errors[0]?.message).toContain("ALLOWED_ORIGINS");
    expect(errors[0]?.message).toContain(PAGE);
    // It may still be a proxy that answers for a service that is down: the client goes on, and says it once.
    await wait(20_000);
    expect(errors).toHaveLength(1);
    expect(statuses.at(-1)).not.toBe("idle");
    made.stop();
  });

  it("[R4 FAIL-2] where nothing answers, a page hears both reasons; outside of browsers there is one", async () => {
    for (const location of [{ origin: PAGE, href: `${PAGE}/` }, undefined]) {
      vi.stubGlobal("location", location);
      const { made, errors } = client(() => {
        throw failedFetch();
      });
      made.start();
      await wait(0);
      expect(errors).toMatchObject([{ code: "UNREACHABLE", retryable: true }]);
      expect(errors[0]?.message).toContain("cannot be reached");
      expect(errors[0]?.message.includes("ALLOWED_ORIGINS")).toBe(location !== undefined);
      await wait(20_000);
      expect(errors).toHaveLength(1);
      made.stop();
    }
  });

  it("[R4 FAIL-3] a refusal of the origin in the service's own words ends the attempts until `start`", async () => {
    const { made, errors, statuses, asked } = client(() => refusal(403, "FORBIDDEN", { reason: "origin" }));
    for (const times of [1, 2]) {
      made.start();
      await wait(60_000);
      expect(errors).toHaveLength(times);
      expect(errors.at(-1)).toMatchObject({
        code: "ORIGIN_REFUSED",
        message: "refused: FORBIDDEN",
        retryable: false,
      });
      expect(asked).toHaveLength(times);
    }
    expect(statuses.at(-1)).toBe("idle");
  });

  it("[R28 FAIL-9] who is deactivated connects no more, told by the close or by a request, until `start`", async () => {
    let isRefused = false;
    const { made, sockets, errors, statuses } = client(() =>
      isRefused ? refusal(403, "USER_DEACTIVATED") : ticket(),
    );
    made.start();
    await wait(0);
    sockets[0]?.establish();
    sockets[0]?.drop(4012);
    await wait(60_000);
    expect([sockets.length, statuses.at(-1)]).toEqual([1, "idle"]);
    expect(errors).toMatchObject([{ code: "USER_DEACTIVATED", retryable: false }]);
    isRefused = true;
    made.start();
    await wait(60_000);
    expect([sockets.length, statuses.at(-1)]).toEqual([1, "idle"]);
    expect(errors).toMatchObject([
      { code: "USER_DEACTIVATED" },
      { code: "USER_DEACTIVATED", retryable: false },
    ]);
  });

  it("[REPORT-45] who is banned connects no more and hears why: told by the close, and a request that it asks", async () => {
    let isRefused = false;
    const { made, sockets, errors, statuses } = client(() =>
      isRefused ? refusal(403, "BANNED", { until: null, reason: "Spam" }) : ticket(),
    );
    made.start();
    await wait(0);
    sockets[0]?.establish();
    isRefused = true;
    sockets[0]?.drop(4012);
    await wait(60_000);
    expect([sockets.length, statuses.at(-1)]).toEqual([1, "idle"]);
    expect(errors).toMatchObject([
      { code: "BANNED", retryable: false, cause: { details: { until: null, reason: "Spam" } } },
    ]);
  });

  it.each([
    ["a bug in the client", {}, () => Response.json(null)],
    ["an address that is none", { url: "chat.test" }, ticket],
    [
      "a socket that throws",
      {
        openSocket: () => {
          throw new SyntaxError("an invalid URL");
        },
      },
      ticket,
    ],
  ])(
    "[R4 FAIL-4] %s is no network that is down: it surfaces, and is not tried for ever",
    async (_, options, answer) => {
      const { made, errors, statuses, asked } = client(answer, options);
      made.start();
      await wait(60_000);
      expect(errors).toMatchObject([{ code: "CLIENT_FAULT", retryable: false, cause: expect.any(Error) }]);
      expect(statuses.at(-1)).toBe("idle");
      expect(asked.length).toBeLessThan(2);
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  it("[R4 FAIL-5] a socket that does not open is explained by a request", async () => {
    for (const [answer, expected] of [
      [me, { code: "SOCKET_FAILED", retryable: true }],
      [() => refusal(403, "FORBIDDEN"), { code: "FORBIDDEN", retryable: false }],
      [() => refusal(503, "SERVICE_UNAVAILABLE"), { code: "SERVICE_UNAVAILABLE", retryable: true }],
    ] as const) {
      const { made, sockets, errors, asked } = client(answer, { auth: "token" });
      made.start();
      await wait(0);
      sockets[0]?.drop();
      await wait(10_000);
      sockets[1]?.drop();
      await wait(0);
      expect(errors).toMatchObject([expected]);
      expect(asked).toEqual(["/api/v1/users/me"]);
      made.stop();
    }
  });

  it("[R4 FAIL-6] a refused ticket and the application's own token function are named; trying goes on", async () => {
    let fails = true;
    const { made, errors, sockets } = client(ticket, {
      token: () => {
        if (fails) throw new TypeError("the session is gone");
        return token(3_600);
      },
    });
    made.start();
    await wait(0);
    expect(errors).toMatchObject([{ code: "TOKEN_FAILED", retryable: true }]);
    expect(errors[0]?.message).toContain("the session is gone");
    fails = false;
    await wait(2_000);
    expect(errors).toHaveLength(1);
    expect(sockets).toHaveLength(1);
    made.stop();
    const other = client(() => refusal(403, "FORBIDDEN"));
    other.made.start();
    await wait(0);
    expect(other.errors).toMatchObject([{ code: "FORBIDDEN", retryable: false }]);
    other.made.stop();
  });

  it("[R4 FAIL-7] is told again after a connection; one that only ends and comes back is no error", async () => {
    let isUp = true;
    const { made, errors, sockets } = client(
      () => {
        if (!isUp) throw failedFetch();
        return ticket();
      },
      { conversation_id: ID },
    );
    made.start();
    await wait(0);
    sockets[0]?.establish();
    sockets[0]?.drop();
    await wait(1_000);
    sockets[1]?.establish();
    expect(errors).toEqual([]);
    for (const times of [1, 2]) {
      isUp = false;
      sockets.at(-1)?.drop();
      await wait(10_000);
      expect(errors).toHaveLength(times);
      isUp = true;
      for (const before = sockets.length; sockets.length === before; ) await wait(1_000);
      sockets.at(-1)?.establish();
    }
    made.stop();
  });

  it("[R4 FAIL-8] a listener that throws stops neither the others nor the client", async () => {
    const uncaught = vi.fn();
    vi.stubGlobal("queueMicrotask", (work: () => void) => {
      try {
        work();
      } catch (error) {
        uncaught(error);
      }
    });
    const { made, sockets, statuses } = client(ticket);
    const fault = new TypeError("a bug of the application");
    for (const name of ["status", "closed"] as const) {
      made.on(name, () => {
        throw fault;
      });
    }
    made.on("status", (status) => statuses.push(`second ${status}`));
    made.start();
    await wait(0);
    sockets[0]?.drop();
    await wait(1_000);
    expect(sockets).toHaveLength(2);
    expect(statuses).toContain("second waiting");
    expect(uncaught).toHaveBeenCalledWith(fault);
    made.stop();
  });

  it("[R4 FAIL-9] a request that cannot be sent is no lost connection; one that was blocked says so", async () => {
    const http = (url: string, bearer = "t") =>
      new Http(url, new Tokens(() => bearer), () => Promise.reject(failedFetch()));
    await expect(http("chat.test").request("GET", "/users/me")).rejects.not.toBeInstanceOf(ConnectionLost);
    await expect(http("https://chat.test", "a\nb").request("GET", "/")).rejects.not.toBeInstanceOf(
      ConnectionLost,
    );
    await expect(http("https://chat.test").request("GET", "/users/me")).rejects.toThrow(ConnectionLost);
    vi.stubGlobal("location", { origin: PAGE, href: `${PAGE}/` });
    await expect(http("https://chat.test").request("GET", "/users/me")).rejects.toThrow(
      /ALLOWED_ORIGINS.*page\.test/,
    );
    // A page and its service on one origin need no address.
    await expect(http("").request("GET", "/users/me")).rejects.toThrow(ConnectionLost);
  });
});
