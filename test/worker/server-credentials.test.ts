import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { hashedId } from "../../src/auth/hashed-id.ts";
import { expectError, hibernate, loggedDuring, read } from "./checks.ts";
import { faults } from "./faults.ts";
import { expectedId } from "./identity-kit.ts";
import { api, connect, direct, group, people, request, say, sign, TestSocket, uniqueName } from "./kit.ts";
import { apiKey, asUser, type Backend, revokeKey, serverToken } from "./server-kit.ts";

/** Another credential with one bit of its last characters changed. */
function oneBitOff({ token }: Backend): Backend {
  const at = token.length - 10;
  const other = token[at] === "A" ? "B" : "A";
  return { user_id: "", username: "", token: token.slice(0, at) + other + token.slice(at + 1) };
}

const upgrade = (bearer: string, headers: Record<string, string> = {}, path = "/ws") =>
  request(path, { headers: { upgrade: "websocket", authorization: `Bearer ${bearer}`, ...headers } });

describe("server credentials", () => {
  it("[R28 CRED-1] a token or a key with the scope acts as a user", async () => {
    const [ann, bob] = await people("ann", "bob");
    for (const backend of [
      await serverToken("conversations messages"),
      await apiKey("conversations messages"),
      await apiKey(),
    ]) {
      const made = await asUser(backend, ann, "POST", "/conversations/direct", { user_id: bob.user_id });
      expect([200, 201]).toContain(made.status);
      const id = made.body.conversation_id;
      const path = `/conversations/${id}/messages`;
      const sent = await asUser(backend, ann, "POST", path, { type: "text", content: "from the shop" });
      expect(sent.status).toBe(201);
      expect(sent.body).toMatchObject({ sender_id: ann.user_id, content: "from the shop" });
      expect(sent.body).not.toHaveProperty("via");
      const { body } = await api(bob, "GET", `${path}?limit=1`);
      expect(body.messages[0]).toMatchObject({ sender_id: ann.user_id, content: "from the shop" });
    }
  });

  it("[R28 CRED-2] without the scope, without a user, or in a browser it is 403", async () => {
    const [ann] = await people("ann");
    for (const backend of [
      await serverToken("users"),
      await apiKey("users moderation"),
      await serverToken("openid"),
    ]) {
      const answer = await asUser(backend, ann, "GET", "/conversations");
      expectError(answer, "FORBIDDEN");
      expect(answer.body.details).toEqual({ scope: "conversations" });
    }
    for (const backend of [await serverToken(), await apiKey()]) {
      const answer = await api(backend, "GET", "/conversations");
      expectError(answer, "FORBIDDEN");
      expect(answer.body.details).toEqual({ scope: "conversations" });
      for (const origin of ["https://app.example.com", "https://evil.test", "null"]) {
        const refused = await asUser(backend, ann, "GET", "/conversations", undefined, { origin });
        expectError(refused, "FORBIDDEN");
        expect(refused.body.details).toEqual({ reason: "browser" });
      }
    }
  });

  it("[R28 CRED-3] revoked, forged or of an unknown form it is 401, and the log says why", async () => {
    const [ann] = await people("ann");
    const [token, key] = [await serverToken(), await apiKey()];
    const revoked = await apiKey();
    await revokeKey(revoked);
    const cases: [reason: string, backend: Backend][] = [
      ["key_revoked", revoked],
      ["wrong_key", oneBitOff(token)],
      ["key_unknown", oneBitOff(key)],
      ["key_unknown", { ...key, token: key.token.replace(key.key_id, "00000000") }],
      ["malformed", { ...key, token: `${key.token}a` }],
      ["malformed", { ...key, token: "rck_" }],
      ["audience", await serverToken("*", { username: "ann" })],
      ["audience", await serverToken("*", { aud: ["rocket-chat:server", "chat"] })],
      ["lasts_too_long", await serverToken("*", {}, Math.floor(Date.now() / 1000) + 90_000)],
      ["expired", await serverToken("*", {}, Math.floor(Date.now() / 1000) - 60)],
    ];
    for (const [reason, backend] of cases) {
      const logs = await loggedDuring(async () => {
        const answer = await asUser(backend, ann, "GET", "/conversations");
        expectError(answer, "UNAUTHORIZED");
        expect(answer.body).toEqual({
          code: "UNAUTHORIZED",
          message: "Invalid token",
          request_id: answer.body.request_id,
        });
      });
      expect(logs).toContain(`"token_refused":"${reason}"`);
      expect(logs).not.toContain(backend.token);
    }
    expect((await asUser(key, ann, "GET", "/conversations")).status).toBe(200);
  });

  it("[R28 CRED-4] a revoked key ends within a minute", async () => {
    const [ann] = await people("ann");
    const key = await apiKey();
    expect((await asUser(key, ann, "GET", "/conversations")).status).toBe(200);
    await revokeKey(key);
    vi.setSystemTime(Date.now() + 60_000);
    try {
      expectError(await asUser(key, ann, "GET", "/conversations"), "UNAUTHORIZED");
    } finally {
      vi.useRealTimers();
    }
  });

  it("[R28 CRED-5] a user's token stays a user's, whatever scope it claims, and acts as nobody else", async () => {
    const [ann, bob] = await people("ann", "bob");
    const scoped = { ...ann, token: await sign({ sub: ann.user_id, scope: "*" }) };
    expect((await api(scoped, "GET", "/users/me")).body.user_id).toBe(ann.user_id);
    for (const who of [ann, scoped]) {
      expectError(await asUser(who, bob, "GET", "/users/me"), "FORBIDDEN");
      expectError(await asUser(who, ann, "GET", "/users/me"), "FORBIDDEN");
      const opened = await upgrade(who.token, { "x-act-as": bob.user_id });
      expect(opened.status).toBe(403);
    }
  });

  it("[R28 CRED-6] the log says that a server did it, and with which credential", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const key = await apiKey();
    const path = `/conversations/${id}/messages`;
    const logs = await loggedDuring(() => asUser(key, ann, "POST", path, { type: "text", content: "x" }));
    const user = hashedId(env.IDENTITY_SECRET, ann.user_id);
    expect(logs).toContain(`"caller":"server","user":"${user}","credential":"key:${key.key_id}"`);
    expect(await loggedDuring(() => say(ann, id, "y"))).toContain(`"caller":"user","user":"${user}"`);
  });
});

describe("acting as a user", () => {
  it("[R28 ACT-1] by the id of the identity provider, in the header, in paths and in bodies", async () => {
    const subs = [
      `auth0|${uniqueName("a")}`,
      `shop@${uniqueName("b")}.example`,
      `${uniqueName("😀 %")}`,
      `a/${uniqueName("b")}?#`,
    ];
    const ids = [];
    for (const sub of subs) {
      const { body } = await api(
        { ...(await serverToken()), token: await sign({ sub }) },
        "GET",
        "/users/me",
      );
      expect(body.user_id).toBe(await expectedId(env.IDENTITY_SECRET ?? "", "", sub));
      ids.push(body.user_id);
    }
    const backend = await apiKey();
    const [first = "", ...others] = subs.map((sub) => `ext:${sub}`);
    const me = await asUser(backend, first, "GET", "/users/me");
    expect(me.body).toMatchObject({ user_id: ids[0], external_id: subs[0] });
    const made = await asUser(backend, first, "POST", "/conversations/group", {
      name: "ext:shop",
      participant_ids: others,
    });
    expect(made.body.name).toBe("ext:shop");
    expect(made.body.participants.map((one: { user_id: string }) => one.user_id).sort()).toEqual(
      [...ids].sort(),
    );
    for (const [i, external] of others.entries()) {
      const path = `/conversations/${made.body.conversation_id}/participants/${encodeURIComponent(external)}`;
      const changed = await asUser(backend, first, "PATCH", path, { role: "admin" });
      expect(changed.body).toMatchObject({ user_id: ids[i + 1], role: "admin" });
    }
    const seen = await asUser(backend, first, "GET", `/users/${encodeURIComponent(others[0] ?? "")}`);
    expect(seen.body.user_id).toBe(ids[1]);
  });

  it("[R28 ACT-2] such an id says nothing to a user, and nothing is malformed or unknown without a word", async () => {
    const [ann] = await people("ann");
    const sub = uniqueName("auth0|");
    await api({ ...ann, token: await sign({ sub }) }, "GET", "/users/me");
    expectError(await api(ann, "GET", `/users/${encodeURIComponent(`ext:${sub}`)}`), "VALIDATION_ERROR");
    expectError(
      await api(ann, "POST", "/conversations/direct", { user_id: `ext:${sub}` }),
      "VALIDATION_ERROR",
    );
    const backend = await serverToken();
    for (const name of ["", "ann", "ext:", "ext:a\nb", `ext:${"x".repeat(129)}`]) {
      expectError(await asUser(backend, name, "GET", "/users/me"), "VALIDATION_ERROR");
    }
    const raw = { "x-act-as": "%E0%A4%A" };
    expectError(await api(backend, "GET", "/users/me", undefined, raw), "VALIDATION_ERROR");
    for (const name of [crypto.randomUUID(), `ext:${uniqueName("nobody")}`]) {
      expectError(await asUser(backend, name, "GET", "/users/me"), "NOT_FOUND");
    }
  });

  it("[R28 ACT-3] opens both sockets in the header alone, and gives tickets to hand on", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    for (const backend of [await serverToken(), await apiKey()]) {
      for (const path of ["/ws", `/api/v1/conversations/${id}/ws`]) {
        const { webSocket } = await upgrade(backend.token, { "x-act-as": ann.user_id }, path);
        if (!webSocket) throw new Error("no socket");
        const socket = new TestSocket(webSocket);
        expect(await socket.heard("connection.established")).toMatchObject({
          data: { user_id: ann.user_id },
        });
        const { content } = await say(bob, id, `hello ${path}`);
        await socket.heard((event) => event.type === "message.new" && event.data.content === content);
        socket.close();
        expect(
          (
            await request(`${path}?token=${backend.token}`, {
              headers: { upgrade: "websocket", "x-act-as": ann.user_id },
            })
          ).status,
        ).toBe(403);
      }
      const { ticket } = (await asUser(backend, ann, "POST", "/ws/ticket")).body;
      const opened = await request(`/ws?ticket=${ticket}`, { headers: { upgrade: "websocket" } });
      opened.webSocket?.accept();
      expect(opened.status).toBe(101);
      opened.webSocket?.close();
    }
    const limited = await apiKey("users conversations");
    expect((await upgrade(limited.token, { "x-act-as": ann.user_id })).status).toBe(403);
  });

  it("[R28 ACT-4] a server's token refreshes no user's socket", async () => {
    const [ann] = await people("ann");
    const socket = await connect(ann);
    const { token } = await serverToken();
    expect(await socket.ask({ type: "auth.refresh", token })).toMatchObject({ code: "UNAUTHORIZED" });
    socket.close();
  });
});

describe("budgets of servers", () => {
  it("[R28 R24 BUDGET-1] a credential has its own, whichever user it acts as, and the headers say so", async () => {
    faults.rateLimited = true;
    try {
      const [ann, bob] = await people("ann", "bob");
      const backend = await serverToken("*", { sub: uniqueName("backend") });
      for (let i = 0; i < 150; i++) {
        const answer = await asUser(backend, i % 2 === 0 ? ann : bob, "GET", "/users/me");
        expect([answer.status, answer.headers.get("ratelimit-policy")]).toEqual([200, "1000;w=60"]);
      }
      // Neither user's own budget has been touched.
      for (let i = 0; i < 90; i++) expect((await api(ann, "GET", "/users/me")).status).toBe(200);
      const ask = async () => {
        const response = await request("/api/v1/users/me", {
          headers: { authorization: `Bearer ${backend.token}`, "x-act-as": ann.user_id },
        });
        await response.body?.cancel();
        return response.status;
      };
      // A window may end on the way: after twice the budget it is certainly used up.
      let statuses = [200];
      for (let asked = 0; asked < 2000 && !statuses.includes(429); asked += 50)
        statuses = await Promise.all(Array.from({ length: 50 }, ask));
      expect(statuses).toContain(429);
      const refused = await asUser(backend, ann, "GET", "/users/me");
      expectError(refused, "RATE_LIMIT_EXCEEDED");
      expect(refused.body.details).toEqual({ budget: "server", limit: 1000, retry_after: 60 });
      expect(refused.headers.get("retry-after")).toBe("60");
      const other = await serverToken("*", { sub: uniqueName("backend") });
      expect((await asUser(other, ann, "GET", "/users/me")).status).toBe(200);
    } finally {
      faults.rateLimited = false;
    }
  });

  it("[R28 R24 BUDGET-2] new conversations and invitations of a server take nothing from a user's quota", async () => {
    faults.rateLimited = true;
    try {
      const [ann] = await people("ann");
      const backend = await serverToken("*", { sub: uniqueName("backend") });
      const body = { name: "Order", participant_ids: [] };
      for (let i = 0; i < 12; i++) {
        expect((await asUser(backend, ann, "POST", "/conversations/group", body)).status).toBe(201);
      }
      expect((await api(ann, "POST", "/conversations/group", body)).status).toBe(201);
    } finally {
      faults.rateLimited = false;
    }
  });
});

describe("while D1 is down", () => {
  it("[R28 D1DOWN] a server token sends, reads and acts as before; nothing is made; a key that is unknown waits", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    const backend = await serverToken();
    const fresh = await apiKey();
    await hibernate(id);
    faults.d1Down = true;
    vi.setSystemTime(Date.now() + 61_000);
    try {
      const path = `/conversations/${id}/messages`;
      const sent = await asUser(backend, ann, "POST", path, { type: "text", content: "still here" });
      expect(sent).toMatchObject({ status: 201, body: { sender: { username: ann.username } } });
      const { body } = await asUser(backend, bob, "GET", `${path}?limit=1`);
      expect(body.messages[0]).toMatchObject({ content: "still here" });
      expectError(await asUser(backend, crypto.randomUUID(), "GET", path), "FORBIDDEN");
      const made = await asUser(backend, ann, "POST", "/conversations/direct", { user_id: bob.user_id });
      expectError(made, "SERVICE_UNAVAILABLE");
      expectError(await asUser(fresh, ann, "GET", path), "SERVICE_UNAVAILABLE");
    } finally {
      faults.d1Down = false;
      vi.useRealTimers();
    }
    expect(await read(await request("/health"))).toMatchObject({ status: 200 });
  });
});
