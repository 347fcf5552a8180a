import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import {
  type ErrorBody,
  FRAME_BURST,
  MAX_REFUSED_IN_A_ROW,
  MAX_SOCKETS,
  RATE_LIMITS,
  type ServerEvent,
} from "@rocket-chat-api/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Spent } from "../../src/domain/quota.ts";
import { addressKey, budgetOfRequest } from "../../src/domain/rate.ts";
import wrangler from "../../wrangler.toml?raw";
import { atTime, hears, hibernate, loggedDuring, sendCommand } from "./checks.ts";
import { faults } from "./faults.ts";
import {
  type Answer,
  api,
  connect,
  connectTo,
  group,
  hubObject,
  type Person,
  people,
  person,
  request,
  say,
  type TestSocket,
} from "./kit.ts";

/** Longer than any of these tests takes, where a request takes a millisecond. */
const ROOM_MS = 8_000;
const MAX_ROOM_MS = 30_000;

/** The time that a test needs on this machine now. */
async function roomNeeded(): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < 10; i++) await (await request("/health")).body?.cancel();
  return Math.min(MAX_ROOM_MS, ROOM_MS * Math.max(1, (performance.now() - start) / 10));
}

beforeEach(async () => {
  // The counters start anew with the minute; a test that straddles it would see two budgets.
  const needed = await roomNeeded();
  const rest = 60_000 - (Date.now() % 60_000);
  if (rest < needed) await new Promise((resolve) => setTimeout(resolve, rest));
  faults.rateLimited = true;
});
afterEach(() => {
  faults.countersDown = false;
  faults.rateLimited = false;
});

/** Asks until the budget is used up. */
async function useUp(
  limit: number,
  ask: () => Promise<Answer>,
): Promise<{ passed: number; refused: Answer }> {
  for (let passed = 0; passed <= limit; passed++) {
    const answer = await ask();
    if (answer.status === 429) return { passed, refused: answer };
  }
  throw new Error(`no limit after ${limit} requests`);
}

/** Somebody whose budget is used up. */
async function exhausted(name: string): Promise<Person> {
  const who = await person(name);
  await useUp(RATE_LIMITS.requests.limit, () => api(who, "GET", "/users/me"));
  return who;
}

/** Puts down what somebody has taken of the budgets that their own object counts. */
async function spent(who: Person, budgets: Spent): Promise<void> {
  await runInDurableObject(hubObject(who.user_id), (_, { storage }) => storage.kv.put("spent", budgets));
}

const isOverBudget = (event: ServerEvent) => event.type === "error" && event.code === "RATE_LIMIT_EXCEEDED";

describe("requests", () => {
  it("[LIMIT-1] 100 requests a minute and user; the next is a 429 that says when to come back (rule 24)", async () => {
    const who = await person("many");
    const { passed, refused } = await useUp(100, () => api(who, "GET", "/users/me"));
    expect(passed).toBe(99); // the kit has asked once
    expect(refused.body).toEqual({
      code: "RATE_LIMIT_EXCEEDED",
      message: "Too many requests",
      details: { budget: "requests", limit: 100, retry_after: 60 },
      request_id: refused.headers.get("x-request-id"),
    });
    expect(Object.fromEntries(refused.headers)).toMatchObject({
      "retry-after": "60",
      "ratelimit-limit": "100",
      "ratelimit-policy": "100;w=60",
      "ratelimit-remaining": "0",
      "ratelimit-reset": "60",
    });
  });

  it("[LIMIT-2] an answer names its budget, and claims nothing about what is left", async () => {
    const { headers } = await api(await person("one"), "GET", "/users/me");
    expect(headers.get("ratelimit-limit")).toBe("100");
    expect(headers.get("ratelimit-policy")).toBe("100;w=60");
    for (const name of ["ratelimit-remaining", "ratelimit-reset", "retry-after"])
      expect(headers.has(name)).toBe(false);
  });

  it("[LIMIT-3] counted after authentication: nobody spends another's budget, and /health is free", async () => {
    const [one, other] = [await exhausted("greedy"), await person("modest")];
    expect((await api(one, "GET", "/users/me")).status).toBe(429);
    expect((await api(other, "GET", "/users/me")).status).toBe(200);
    expect((await api(undefined, "GET", "/users/me")).status).toBe(401);
    expect((await request("/health")).headers.has("ratelimit-limit")).toBe(false);
  });

  it("[LIMIT-4] typing and receipts have a budget of their own: 300 a minute", async () => {
    const who = await exhausted("typist");
    const path = "/conversations/00000000-0000-8000-8000-000000000000/typing";
    const { passed, refused } = await useUp(300, () => api(who, "POST", path));
    expect(passed).toBe(300);
    expect(refused.headers.get("ratelimit-policy")).toBe("300;w=60");
    expect(refused.body.details.budget).toBe("signals");
  });

  it("[LIMIT-5] an address is limited by what fails to authenticate; other addresses are not", async () => {
    const from = (address: string) =>
      api(undefined, "GET", "/users/me", undefined, { "cf-connecting-ip": address });
    const { passed, refused } = await useUp(600, () => from("2001:db8:0:7::1"));
    expect(passed).toBe(600);
    expect(refused.headers.get("ratelimit-policy")).toBe("600;w=60");
    expect((await from("2001:db8:0:7:ffff::2")).status).toBe(429);
    expect((await from("2001:db8:0:8::1")).status).toBe(401);
    expect(refused.headers.has("www-authenticate")).toBe(false);
  });

  it("[R24 LIMIT-14] seven users of one address have their whole budgets", async () => {
    const address = { "cf-connecting-ip": "198.51.100.4" };
    const users = await people("one", "two", "three", "four", "five", "six", "seven");
    const ask = (who: Person) => api(who, "GET", "/users/me", undefined, address);
    const answers = await Promise.all(users.flatMap((who) => Array.from({ length: 95 }, () => ask(who))));
    expect(answers.filter((answer) => answer.status !== 200)).toEqual([]);
  });

  it("[R24 LIMIT-15] every way to fail counts for the address: no token, bad tokens, tickets, on sockets and routes", async () => {
    const address = "203.0.113.99";
    const headers = { "cf-connecting-ip": address, upgrade: "websocket" };
    const id = "00000000-0000-8000-8000-000000000000";
    const who = await person("shares");
    const bearer = (token: string) => ({ "cf-connecting-ip": address, authorization: `Bearer ${token}` });
    const ways = [
      () => request("/ws", { headers }),
      () => request("/ws?token=x.y.z", { headers }),
      () => request(`/ws?ticket=${crypto.randomUUID()}.${crypto.randomUUID()}`, { headers }),
      () => request(`/api/v1/conversations/${id}/ws?token=`, { headers }),
      () => request("/api/v1/no/such/route", { headers: bearer("x") }),
      () => request("/api/v1/search/messages?q=x", { headers: bearer(`${who.token}x`) }),
    ];
    for (let i = 0; i < RATE_LIMITS.address.limit; i++) {
      const response = await ways[i % ways.length]?.();
      expect(response?.status).toBe(401);
      await response?.body?.cancel();
    }
    for (const way of ways) {
      const response = await way();
      expect(response.status).toBe(429);
      expect(response.headers.get("retry-after")).toBe("60");
      expect(response.headers.get("x-request-id")).toBe((await response.json<ErrorBody>()).request_id);
    }
    expect((await request("/ws", { headers: { ...headers, ...bearer(who.token) } })).status).toBe(101);
    expect((await api(who, "POST", "/ws/ticket", undefined, { "cf-connecting-ip": address })).status).toBe(
      201,
    );
  });

  it("[R24 LIMIT-16] attachments are fetched from a budget of their own, whatever becomes of the request", async () => {
    const who = await person("gallery");
    const file = "/attachments/00000000-0000-8000-8000-000000000000";
    const fetches: [method: string, path: string][] = [
      ["GET", file],
      ["HEAD", file],
      ["GET", "/attachments/nonsense"],
      ["GET", `${file}?download=1`],
      ["GET", `${file}/`],
    ];
    for (let i = 0; i < 110; i++) {
      const [method, path] = fetches[i % fetches.length] ?? ["GET", file];
      const { status, headers } = await request(`/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${who.token}` },
      });
      expect([400, 404]).toContain(status);
      expect(headers.get("ratelimit-policy")).toBe("1000;w=60");
    }
    expect((await api(who, "GET", "/users/me")).headers.get("ratelimit-policy")).toBe("100;w=60");
    const upload = await api(who, "POST", "/messages/attachments/upload-url", {});
    expect(upload.headers.get("ratelimit-policy")).toBe("100;w=60");
  });

  it("[LIMIT-6] a counter that does not answer is logged, and refuses only what costs most", async () => {
    const who = await person("lucky");
    const { createApp } = await import("../../src/app.ts");
    const broken = { limit: async () => await Promise.reject(new Error("down")) };
    const counters = { RATE_LIMIT_REQUESTS: broken, RATE_LIMIT_SIGNALS: broken, RATE_LIMIT_FILES: broken };
    const rare = { RATE_LIMIT_SEARCH: broken, RATE_LIMIT_IP: broken };
    const bindings = { ...env, RATE_LIMIT_MODE: "on", ...counters, ...rare };
    const id = "00000000-0000-8000-8000-000000000000";
    const ask = async (line: string, headers: Record<string, string>): Promise<number> => {
      const [method = "", path = ""] = line.split(" ");
      const response = await createApp().request(`/api/v1${path}`, { method, headers }, bindings);
      return response.status;
    };
    const answers: Record<number, string[]> = {
      200: ["GET /users/me", "GET /conversations"],
      404: [`GET /conversations/${id}`, `GET /attachments/${id}`, `POST /conversations/${id}/typing`],
      503: [
        "GET /search/messages?q=x",
        "GET /sync",
        "POST /conversations/group",
        "POST /conversations/direct",
        "POST /messages/attachments/upload-url",
        `POST /conversations/${id}/participants`,
      ],
    };
    const logged = await loggedDuring(async () => {
      for (const [status, lines] of Object.entries(answers)) {
        for (const line of lines) {
          const headers = { authorization: `Bearer ${who.token}` };
          expect([line, await ask(line, headers)]).toEqual([line, Number(status)]);
        }
      }
      const headers = { "cf-connecting-ip": "192.0.2.1" };
      expect(await ask("GET /users/me", headers)).toBe(401);
    });
    expect(logged).toContain("rate_limit.unavailable");
  });

  it("[LIMIT-7] RATE_LIMIT_MODE=off counts nobody, and says nothing of budgets", async () => {
    faults.rateLimited = false;
    const who = await person("load-test");
    for (let i = 0; i <= RATE_LIMITS.requests.limit; i++)
      expect((await api(who, "GET", "/users/me")).status).toBe(200);
    expect((await api(who, "GET", "/users/me")).headers.has("ratelimit-limit")).toBe(false);
  });
});

describe("what costs most", () => {
  it("[R24 LIMIT-20] searches in messages have a budget of their own: 20 a minute", async () => {
    const who = await person("searching");
    const { passed, refused } = await useUp(20, () => api(who, "GET", "/search/messages?q=hello"));
    expect(passed).toBe(20);
    expect(refused.body.details).toEqual({ budget: "search", limit: 20, retry_after: 60 });
    expect(refused.headers.get("ratelimit-policy")).toBe("20;w=60");
    for (const path of [`/users?q=${who.username}`, "/conversations", "/users/me"])
      expect((await api(who, "GET", path)).headers.get("ratelimit-policy")).toBe("100;w=60");
  });

  it("[R24 LIMIT-21] ten new conversations a minute; to open one that exists costs nothing", async () => {
    const [who, ...others] = await people("maker", "a-friend", "b-friend", "c-friend");
    const create = (i: number) =>
      i % 2 === 0 && others[i / 2]
        ? api(who, "POST", "/conversations/direct", { user_id: others[i / 2]?.user_id })
        : api(who, "POST", "/conversations/group", { name: "Group", participant_ids: [] });
    for (let i = 0; i < 10; i++) expect((await create(i)).status).toBe(201);
    for (const again of [create(0), create(2), create(4)]) expect((await again).status).toBe(200);
    const [stranger] = await people("stranger");
    const bodies = { direct: { user_id: stranger.user_id }, group: { name: "Group", participant_ids: [] } };
    for (const [kind, body] of Object.entries(bodies)) {
      const refused = await api(who, "POST", `/conversations/${kind}`, body);
      expect([refused.status, refused.body.code]).toEqual([429, "RATE_LIMIT_EXCEEDED"]);
      expect(refused.body.details).toMatchObject({ budget: "create", limit: 10 });
      const wait = Number(refused.headers.get("retry-after"));
      expect(wait).toBe(refused.body.details.retry_after);
      expect(wait).toBeGreaterThan(0);
      expect(wait).toBeLessThanOrEqual(60);
    }
    expect((await api(stranger, "POST", "/conversations/direct", { user_id: who.user_id })).status).toBe(201);
    expect((await api(who, "GET", "/conversations")).body.total).toBe(11);
  });

  it("[R24 LIMIT-22] 500 people a day, in new groups and in old ones; who is in already, or was refused, is none", async () => {
    const [who, one, two] = await people("host", "guest", "other");
    const id = await group(who, [one]);
    await spent(who, { invite: [{ since: Date.now(), used: 498 }] });
    const add = (user_ids: string[], by = who) =>
      api(by, "POST", `/conversations/${id}/participants`, { user_ids });
    expect((await add([one.user_id])).status).toBe(200);
    expect((await add([crypto.randomUUID(), two.user_id])).status).toBe(404);
    expect((await add([two.user_id], one)).status).toBe(403);
    expect((await add([one.user_id, two.user_id, two.user_id])).status).toBe(201);
    const next = { name: "Next", participant_ids: [one.user_id, two.user_id] };
    const refused = await api(who, "POST", "/conversations/group", next);
    expect([refused.status, refused.body.details]).toEqual([
      429,
      { budget: "invite", limit: 500, retry_after: expect.any(Number) },
    ]);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(86_000);
    const last = { name: "Last", participant_ids: [one.user_id] };
    expect((await api(who, "POST", "/conversations/group", last)).status).toBe(201);
    const [three] = await people("third");
    expect((await add([three.user_id])).status).toBe(429);
    expect((await api(who, "GET", `/conversations/${id}`)).body.participant_count).toBe(3);
  });

  it("[R24 LIMIT-23] what is spent survives the end of the object; RATE_LIMIT_MODE=off spends nothing", async () => {
    const [who, other] = await people("patient", "waiting");
    await spent(who, {
      create: [
        { since: Date.now(), used: 10 },
        { since: Date.now(), used: 10 },
      ],
    });
    await evictDurableObject(hubObject(who.user_id));
    const create = () =>
      api(who, "POST", "/conversations/group", { name: "Group", participant_ids: [other.user_id] });
    expect((await create()).status).toBe(429);
    faults.rateLimited = false;
    expect((await create()).status).toBe(201);
    faults.rateLimited = true;
    expect((await create()).status).toBe(429);
  });
});

describe("sockets", () => {
  it("[LIMIT-8] a socket draws on the same budget as REST: the error carries the request_id, and REST is refused too", async () => {
    const [one, other] = await people("chatty", "listener");
    if (!one || !other) throw new Error("nobody");
    const id = await group(one, [other]);
    const socket = await connect(one);
    const ask = () =>
      socket.ask({ type: "message.send", conversation_id: id, data: { type: "text", content: "x" } });
    let answer = await ask();
    for (let i = 0; i < RATE_LIMITS.requests.limit && answer.type === "ack"; i++) answer = await ask();
    expect(answer).toMatchObject({
      type: "error",
      request_id: expect.any(String),
      code: "RATE_LIMIT_EXCEEDED",
      details: { budget: "requests", limit: 100, retry_after: 60 },
    });
    expect((await api(one, "GET", "/users/me")).status).toBe(429);
  });

  it("[LIMIT-9] opening a socket is a request, and one of too many is refused", async () => {
    const who = await exhausted("reconnecting");
    const headers = { upgrade: "websocket", authorization: `Bearer ${who.token}` };
    const response = await request("/ws", { headers });
    expect(response.status).toBe(429);
    expect(response.headers.get("retry-after")).toBe("60");
  });

  it("[LIMIT-10] a flood within the budget keeps its order; beyond it each command is refused, then 4008", async () => {
    const [one, other] = await people("flood", "witness");
    if (!one || !other) throw new Error("nobody");
    const id = await group(one, [other]);
    const [socket, witness] = [await connectTo(one, id), await connectTo(other, id)];
    const flood = RATE_LIMITS.requests.limit + MAX_REFUSED_IN_A_ROW;
    for (let i = 0; i < flood; i++) {
      const data = { type: "text", content: String(i) };
      socket.raw(JSON.stringify({ type: "message.send", conversation_id: id, request_id: i, data }));
    }
    expect(await socket.closed).toEqual({ code: 4008, reason: "rate limited" });
    const contents = witness.all("message.new").map((event) => Number(event.data.content));
    // Three requests made the person, the group and the socket.
    expect(contents).toEqual(Array.from({ length: 97 }, (_, i) => i));
    const refused = socket.events
      .filter(isOverBudget)
      .map((event) => "request_id" in event && event.request_id);
    expect(refused).toEqual(Array.from({ length: MAX_REFUSED_IN_A_ROW }, (_, i) => 97 + i));
  });

  const KINDS = [
    ["the user's socket", (who: Person) => connect(who)],
    ["the conversation's socket", (who: Person, id: string) => connectTo(who, id)],
  ] as const;

  it.each(KINDS)(
    "[R24 LIMIT-18] every frame comes from one bucket, on %s: what is too much is refused by name, then 4008",
    async (_, open) => {
      const [one, other] = await people("flood", "witness");
      const id = await group(one, [other]);
      const free = [
        { type: "flow.ack", received: 1 },
        { type: "ping", at: 1 },
        { type: "flow.ack", received: -1 },
        { type: "flow.ack", received: 1 },
      ];
      const socket = await open(one, id);
      // The clock stands still, so that the bucket does not fill up.
      await atTime(Date.now(), async () => {
        for (let i = 0; i < FRAME_BURST + MAX_REFUSED_IN_A_ROW; i++) {
          const frame = i % 8 === 7 ? { type: "presence.update", status: "online" } : free[i % free.length];
          socket.raw(JSON.stringify({ ...frame, request_id: i }));
        }
        expect(await socket.closed).toEqual({ code: 4008, reason: "rate limited" });
      });
      const refused = socket.events.filter(isOverBudget) as Extract<ServerEvent, { type: "error" }>[];
      expect(refused).toHaveLength(MAX_REFUSED_IN_A_ROW);
      expect(new Set(refused.map((event) => event.details?.budget))).toEqual(new Set(["frames"]));
      expect(refused.at(-1)?.details).toEqual({
        budget: "frames",
        limit: 200,
        retry_after: 1,
        close_code: 4008,
      });
      expect(refused.every((event) => event.request_id !== undefined)).toBe(true);
      expect((await connect(one)).all("error")).toEqual([]);
    },
  );

  it.each(KINDS)(
    "[R24 LIMIT-19] ten sockets of a user, on %s: the next one closes the oldest with 4008",
    async (_, open) => {
      const [one, other] = await people("many", "few");
      const id = await group(one, [other]);
      const witness = await open(other, id);
      const sockets: TestSocket[] = [];
      const start = Date.now();
      for (let i = 0; i < MAX_SOCKETS + 2; i++) {
        sockets.push(await atTime(start + i, () => open(one, id)));
        if (i === MAX_SOCKETS) await hibernate(id, one);
      }
      for (const socket of sockets.splice(0, 2)) {
        expect(await socket.closed).toEqual({ code: 4008, reason: "too many sockets" });
        expect(socket.events.at(-1)).toMatchObject({
          type: "error",
          code: "RATE_LIMIT_EXCEEDED",
          details: { budget: "sockets", limit: MAX_SOCKETS, close_code: 4008 },
        });
      }
      await say(other, id, "still there?");
      for (const socket of [...sockets, witness]) await hears(socket, "still there?");
    },
  );

  it.each(KINDS)("[R24 LIMIT-20] while no counter answers, %s refuses sync alone", async (_, open) => {
    const [one, other] = await people("unlucky", "listener");
    const id = await group(one, [other]);
    const socket = await open(one, id);
    faults.countersDown = true;
    const answers = [
      await socket.ask(sendCommand(id, "goes on")),
      await socket.ask({ type: "sync", conversations: { [id]: 0 } }),
      await socket.ask({ type: "typing.start", conversation_id: id }),
    ];
    faults.countersDown = false;
    expect(answers).toMatchObject([
      { type: "ack" },
      { type: "error", code: "SERVICE_UNAVAILABLE" },
      { type: "ack" },
    ]);
    expect((await socket.ask({ type: "sync", conversations: { [id]: 0 } })).type).toBe("ack");
  });

  it("[LIMIT-11] ping counts for nothing", async () => {
    const who = await person("pinging");
    const socket = await connect(who);
    for (let i = 0; i < RATE_LIMITS.requests.limit; i++) socket.raw('{"type":"ping"}');
    await socket.heard("pong");
    expect((await api(who, "GET", "/users/me")).status).toBe(200);
  });
});

describe("figures", () => {
  it("[R24 LIMIT-17] which request counts against which budget", () => {
    const id = "00000000-0000-8000-8000-000000000000";
    const budgets = {
      files: [
        `GET /api/v1/attachments/${id}`,
        `HEAD /api/v1/attachments/${id}`,
        "GET /api/v1/attachments/x/y",
      ],
      signals: [`POST /api/v1/conversations/${id}/typing`, `PUT /api/v1/conversations/${id}/read`],
      requests: [
        "POST /api/v1/messages/attachments/upload-url",
        `POST /api/v1/attachments/${id}`,
        `GET /api/v1/messages/${id}/receipts`,
        "GET /api/v1/attachments",
        `GET /api/v1/conversations/${id}/messages`,
        `GET /ws/api/v1/attachments/${id}`,
      ],
    };
    for (const [budget, requests] of Object.entries(budgets)) {
      for (const one of requests) {
        const [method = "", path = ""] = one.split(" ");
        expect([one, budgetOfRequest(method, path)]).toEqual([one, budget]);
      }
    }
  });

  it("[LIMIT-12] wrangler.toml counts what the headers say", () => {
    const figures = Object.values(RATE_LIMITS).map(({ limit, period }) => ({ limit, period }));
    const counted = [...wrangler.matchAll(/simple = \{ limit = (\d+), period = (\d+) \}/g)];
    expect(counted.map(([, limit, period]) => ({ limit: Number(limit), period: Number(period) }))).toEqual(
      figures,
    );
  });

  it("[LIMIT-13] an IPv6 address counts as its /64, an IPv4 address as itself", () => {
    expect(addressKey("203.0.113.7")).toBe("203.0.113.7");
    expect(addressKey("2001:DB8:0:7::1")).toBe("2001:db8:0:7");
    expect(addressKey("2001:0db8:0000:0007:1:2:3:4")).toBe("2001:db8:0:7");
    expect(addressKey("::1")).toBe("0:0:0:0");
    expect(addressKey("fe80::1:2")).toBe("fe80:0:0:0");
  });
});
