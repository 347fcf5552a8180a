import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { hashedId } from "../../src/auth/hashed-id.ts";
import { workerWith } from "./checks.ts";
import { api, connect, direct, people, person, request, say } from "./kit.ts";

const ORIGIN = "https://app.example.com";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("CORS", () => {
  it("[CORS-1] a preflight from an allowed origin is answered before authentication, and may be cached", async () => {
    const response = await request("/api/v1/conversations", {
      method: "OPTIONS",
      headers: { origin: ORIGIN, "access-control-request-method": "POST" },
    });
    expect(response.status).toBe(204);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "access-control-allow-origin": ORIGIN,
      "access-control-allow-methods": "GET,POST,PUT,PATCH,DELETE",
      "access-control-allow-headers":
        "Authorization,Content-Type,Idempotency-Key,If-None-Match,If-Range,Range,X-Request-Id,traceparent,tracestate",
      "access-control-max-age": "86400",
    });
    expect(response.headers.get("vary")).toContain("Origin");
    expect(response.headers.has("access-control-allow-credentials")).toBe(false);
  });

  it("[CORS-2] answers, errors too, may be read by an allowed origin, with the headers that matter", async () => {
    for (const who of [await person("browser"), undefined]) {
      const { headers } = await api(who, "GET", "/users/me", undefined, { origin: ORIGIN });
      expect(headers.get("access-control-allow-origin")).toBe(ORIGIN);
      const exposed = headers.get("access-control-expose-headers")?.split(",");
      expect(exposed).toEqual(expect.arrayContaining(["X-Request-Id", "Retry-After", "RateLimit-Limit"]));
    }
  });

  it("[CORS-3] no other origin is named, nor a part of one", async () => {
    for (const origin of ["https://evil.example", "https://example.com", "null", `${ORIGIN}.evil.example`]) {
      const preflight = await request("/api/v1/conversations", { method: "OPTIONS", headers: { origin } });
      expect(preflight.headers.has("access-control-allow-origin")).toBe(false);
      const { headers } = await api(await person("foreign"), "GET", "/users/me", undefined, { origin });
      expect(headers.has("access-control-allow-origin")).toBe(false);
    }
  });
});

describe("the setting", () => {
  const SETTING = "HTTPS://App.Example.com:443/, https://*.example.org, app.example.net";
  const secret = "a secret of more than thirty-two bytes";
  const allowed = ["https://app.example.com", "https://one.example.org"];
  const refused = ["https://example.org", "https://a.b.example.org", "https://app.example.net", "null"];

  it("[R4 CORS-4] one rule for preflights, answers, errors and sockets; what differs by origin says so", async () => {
    const ask = workerWith({ JWT_SECRET: secret, ALLOWED_ORIGINS: SETTING });
    const requests: [string, RequestInit, number][] = [
      ["/health", {}, 200],
      ["/nowhere", {}, 404],
      ["/api/v1/users/me", {}, 401],
      ["/api/v1/users/me", { method: "OPTIONS" }, 204],
      ["/health", { method: "POST" }, 405],
      ["/api/v1/attachments/00000000-0000-4000-8000-000000000000", {}, 401],
    ];
    for (const origin of [...allowed, ...refused]) {
      const isAllowed = allowed.includes(origin);
      for (const [path, init, status] of requests) {
        const response = await ask(path, { ...init, headers: { origin } });
        expect([path, response.status]).toEqual([path, status]);
        const named = response.headers.get("access-control-allow-origin");
        expect([path, origin, named]).toEqual([path, origin, isAllowed ? origin : null]);
        expect(response.headers.get("vary")).toContain("Origin");
        await response.body?.cancel();
      }
      const socket = await ask("/ws", { headers: { origin, upgrade: "websocket" } });
      expect([origin, socket.status]).toEqual([origin, isAllowed ? 401 : 403]);
      const body = await socket.json<{ message: string }>();
      if (!isAllowed) expect(body.message).toContain("ALLOWED_ORIGINS");
    }
  });

  it("[R4 CORS-5] an entry that is no origin is logged once, with what to write instead", async () => {
    const error = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const ask = workerWith({ JWT_SECRET: secret, ALLOWED_ORIGINS: `${SETTING},null,https://logged.example` });
    for (const path of ["/health", "/health", "/nowhere"]) await (await ask(path)).body?.cancel();
    const lines = error.mock.calls.map(([line]) => JSON.parse(String(line)));
    // Objects of other tests may still be at work, and log.
    expect(lines.filter(({ event }) => event === "setting.invalid")).toMatchObject(
      ["app.example.net", "null"].map((entry) => ({
        level: "error",
        event: "setting.invalid",
        setting: "ALLOWED_ORIGINS",
        entry,
        reason: "write scheme, host and port only, such as https://app.example.com",
      })),
    );
  });

  it("[R4 CORS-6] loopback pages are allowed by the development setting alone", async () => {
    const origin = "http://localhost:5173";
    for (const [value, named] of [
      ["true", origin],
      ["", null],
      ["false", null],
      [undefined, null],
    ] as const) {
      const ask = workerWith({
        JWT_SECRET: secret,
        ...(value !== undefined && { DEV_ALLOW_LOOPBACK_ORIGINS: value }),
      });
      const { headers } = await ask("/api/v1/users/me", { headers: { origin } });
      expect([value, headers.get("access-control-allow-origin")]).toEqual([value, named]);
    }
  });
});

describe("security headers", () => {
  it("[HEADERS-1] answers are data: nothing runs, is guessed at, or is framed", async () => {
    for (const path of ["/health", "/api/v1/users/me", "/nowhere"]) {
      const { headers } = await request(path);
      expect(Object.fromEntries(headers)).toMatchObject({
        "content-security-policy":
          "default-src 'none'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "strict-transport-security": expect.stringContaining("max-age="),
      });
    }
  });

  it("[HEADERS-2] sockets open through all of it", async () => {
    const socket = await connect(await person("socket"));
    expect(socket.all("connection.established")).toHaveLength(1);
  });
});

describe("request ids and logs", () => {
  it("[LOG-1] a harmless X-Request-Id is kept, any other is replaced", async () => {
    const ask = async (id: string) => {
      const { headers, body } = await api(undefined, "GET", "/users/me", undefined, { "x-request-id": id });
      expect(body.request_id).toBe(headers.get("x-request-id"));
      return body.request_id;
    };
    expect(await ask("my-request_1=")).toBe("my-request_1=");
    for (const id of ['a"b', "a b", "<script>", "x".repeat(300)]) expect(await ask(id)).not.toBe(id);
  });

  it("[LOG-2] one line for each request, with the route's pattern; no token, query, text or path", async () => {
    const [one, other] = await people("logged", "unlogged");
    if (!one || !other) throw new Error("nobody");
    const id = await direct(one, other);
    const lines: string[] = [];
    for (const level of ["log", "warn", "error"] as const) {
      vi.spyOn(console, level).mockImplementation((line) => void lines.push(String(line)));
    }
    await say(one, id, "the secret text");
    await request(`/ws?token=${one.token}`, { headers: { upgrade: "websocket" } });
    await api(one, "GET", `/users?q=secretquery`);
    await request("/no/such/path");
    const seen = lines.map((line) => JSON.parse(line)).filter((line) => line.event === "request.answered");
    expect(seen).toEqual([
      {
        level: "info",
        event: "request.answered",
        method: "POST",
        route: "/api/v1/conversations/:conversation_id/messages",
        status: 201,
        duration_ms: expect.any(Number),
        caller: "user",
        user: hashedId(env.IDENTITY_SECRET, one.user_id),
        request_id: expect.any(String),
        trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
        span_id: expect.stringMatching(/^[0-9a-f]{16}$/),
      },
      expect.objectContaining({ method: "GET", route: "/ws", status: 101, caller: "user" }),
      expect.objectContaining({ method: "GET", route: "/api/v1/users", status: 200 }),
      expect.objectContaining({ method: "GET", route: "none", status: 404 }),
    ]);
    for (const secret of [one.token, one.user_id, "secret", id, "/no/such"])
      expect(lines.join("\n")).not.toContain(secret);
  });

  it("[LOG-8] names the route that answered, and what was asked where none did", async () => {
    const one = await person("routes");
    const id = "00000000-0000-8000-8000-000000000000";
    const cases: [string, string, typeof one | undefined, string, number][] = [
      ["GET", "/users/me", one, "/api/v1/users/me", 200],
      ["PATCH", "/users/me", one, "/api/v1/users/me", 400],
      ["GET", "/users/me", undefined, "/api/v1/users/me", 401],
      ["PUT", "/users/me", one, "/api/v1/users/me", 405],
      ["PUT", "/users/me", undefined, "/api/v1/users/me", 401],
      ["OPTIONS", "/users/me", undefined, "/api/v1/users/me", 204],
      ["GET", `/users/${id}`, one, "/api/v1/users/:user_id", 404],
      ["POST", `/users/${id}`, one, "/api/v1/users/:user_id", 405],
      ["POST", "/conversations/direct", one, "/api/v1/conversations/direct", 400],
      ["DELETE", `/messages/${id}/edits`, one, "/api/v1/messages/:message_id/edits", 405],
      ["PUT", "/messages/attachments/upload-url", one, "/api/v1/messages/attachments/upload-url", 405],
      ["GET", "/users/me/none", one, "none", 404],
      ["GET", "/nowhere", undefined, "none", 401],
    ];
    const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
    for (const [method, path, who] of cases) {
      const authorization: Record<string, string> = who ? { authorization: `Bearer ${who.token}` } : {};
      const headers = { ...authorization, "content-type": "application/json" };
      const body = method === "PATCH" || path.endsWith("direct") ? { body: "{" } : {};
      await (await request(`/api/v1${path}`, { method, headers, ...body })).body?.cancel();
    }
    // Objects of other tests may still be at work, and log.
    const lines = log.mock.calls.map(([line]) => JSON.parse(String(line)));
    const seen = lines.filter(({ event }) => event === "request.answered");
    expect(seen.map(({ method, route, status }) => [method, route, status])).toEqual(
      cases.map(([method, , , route, status]) => [method, route, status]),
    );
  });

  it("[LOG-3] frames leave no line", async () => {
    const [one, other] = await people("framed", "unframed");
    if (!one || !other) throw new Error("nobody");
    const id = await direct(one, other);
    const lines: string[] = [];
    for (const level of ["log", "warn", "error"] as const)
      vi.spyOn(console, level).mockImplementation((line) => void lines.push(String(line)));
    const socket = await connect(one);
    await socket.ask({ type: "message.send", conversation_id: id, data: { type: "text", content: "hello" } });
    // Objects of other tests may still be at work, and log. A frame has the trace of its socket.
    const seen = lines.map((line) => JSON.parse(line));
    const trace = seen.find(({ route }) => route === "/ws").trace_id;
    const events = seen.filter(({ trace_id }) => trace_id === trace).map(({ event }) => event);
    expect(events).toEqual(["socket.opened", "request.answered"]);
  });
});
