import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { expectError, hibernate, until } from "./checks.ts";
import { expectedId } from "./identity-kit.ts";
import {
  api,
  connect,
  connectTo,
  direct,
  type Person,
  people,
  request,
  say,
  sign,
  type TestSocket,
  uniqueName,
} from "./kit.ts";
import { asUser, type Backend, serverToken } from "./server-kit.ts";

const path = (user: string, more = "") => `/server/users/${encodeURIComponent(user)}${more}`;
const put = (backend: Backend, user: string, body: object) => api(backend, "PUT", path(user), body);

/** A token of a person, issued so many seconds ago. */
async function issued(who: Person, secondsAgo: number): Promise<Person> {
  const iat = Math.floor(Date.now() / 1000) - secondsAgo;
  return {
    ...who,
    token: await sign({ sub: who.user_id, username: who.username, display_name: who.username, iat }),
  };
}

async function closesWith(socket: TestSocket, code: number): Promise<void> {
  const before = Date.now();
  const closed = await socket.heard(
    (event) => event.type === "error" && event.details?.close_code !== undefined,
  );
  expect(closed).toMatchObject({ details: { close_code: code } });
  expect((await socket.closed).code).toBe(code);
  expect(Date.now() - before).toBeLessThan(5_000);
}

describe("users made by a server", () => {
  it("[R28 SUSER-1] one who need never have come: found, chatted with, and the same when they come", async () => {
    const backend = await serverToken("users");
    const [ann] = await people("ann");
    const sub = uniqueName("auth0|");
    const username = uniqueName("zoe");
    const made = await put(backend, `ext:${sub}`, {
      username,
      display_name: "Zoe Z",
      metadata: { tier: "gold" },
    });
    const user_id = await expectedId(env.IDENTITY_SECRET ?? "", "", sub);
    expect(made).toMatchObject({
      status: 201,
      body: {
        user_id,
        username,
        display_name: "Zoe Z",
        external_id: sub,
        metadata: { tier: "gold" },
        deactivated_at: null,
      },
    });
    const { body: found } = await api(ann, "GET", `/users?q=${username}`);
    expect(found.users).toMatchObject([{ user_id, display_name: "Zoe Z" }]);
    const id = await direct(ann, { user_id, username, token: "" });
    await say(ann, id, "hello Zoe");
    const zoe = {
      user_id,
      username,
      token: await sign({
        sub,
        username: "other",
        display_name: "Other",
        iat: Math.floor(Date.now() / 1000),
      }),
    };
    // What the server has set, tokens do not change.
    expect((await api(zoe, "GET", "/users/me")).body).toMatchObject({
      user_id,
      username,
      display_name: "Zoe Z",
      external_id: sub,
    });
    const { body } = await api(zoe, "GET", `/conversations/${id}/messages`);
    expect(body.messages).toMatchObject([{ content: "hello Zoe" }]);
  });

  it("[R28 SUSER-2] again it changes nothing; a change reaches conversations; a missing name is made, a taken one is not given", async () => {
    const backend = await serverToken("users");
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const socket = await connect(ann);
    const first = await put(backend, bob.user_id, {});
    expect(first).toMatchObject({ status: 200, body: { username: bob.username, display_name: "bob" } });
    const photo = "https://cdn.example.com/bob.png";
    const changed = await put(backend, bob.user_id, { display_name: "Bobby", profile_photo_url: photo });
    expect(changed.body).toMatchObject({ display_name: "Bobby", profile_photo_url: photo });
    await socket.heard((e) => e.type === "participant.updated" && e.conversation_id === id);
    expect((await put(backend, bob.user_id, { display_name: "Bobby" })).body).toEqual(changed.body);
    expect((await put(backend, bob.user_id, { profile_photo_url: null })).body.profile_photo_url).toBeNull();
    const named = crypto.randomUUID();
    expect((await put(backend, named, {})).body.username).toBe(`user_${named.replaceAll("-", "").slice(-8)}`);
    const late = crypto.randomUUID();
    const taken = await put(backend, late, { username: ann.username });
    expect(taken.body.username).toBe(`${ann.username}_${late.slice(-4)}`);
    expect((await put(backend, late, { username: ann.username })).body).toEqual(taken.body);
    // Their own change of name holds.
    await api(bob, "PATCH", "/users/me", { display_name: "Robert" });
    expect((await api(await issued(bob, 0), "GET", "/users/me")).body.display_name).toBe("Robert");
    socket.close();
  });

  it("[R28 SUSER-3] fifty at once make one user, and a hundred are made in one request", async () => {
    const backend = await serverToken("users");
    const user = `ext:${uniqueName("many")}`;
    const username = uniqueName("many");
    const all = await Promise.all(
      Array.from({ length: 50 }, () => put(backend, user, { username, display_name: "Many" })),
    );
    expect(all.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(new Set(all.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(all[0]?.body.username).toBe(username);
    const users = Array.from({ length: 100 }, (_, i) => ({
      user_id: `ext:${uniqueName(`batch${i}`)}`,
      display_name: `B ${i}`,
    }));
    const { status, body } = await api(backend, "POST", "/server/users/batch", { users });
    expect(status).toBe(200);
    expect(body.users.map((one: { external_id: string }) => `ext:${one.external_id}`)).toEqual(
      users.map((one) => one.user_id),
    );
    const again = await api(backend, "POST", "/server/users/batch", { users });
    expect(again.body).toEqual(body);
    expectError(
      await api(backend, "POST", "/server/users/batch", { users: [...users, users[0]] }),
      "VALIDATION_ERROR",
    );
  });

  it("[R28 SUSER-4] names and metadata have their bounds; the nil UUID is nobody's", async () => {
    const backend = await serverToken("users");
    const user = crypto.randomUUID();
    const bad = [
      { username: "A b" },
      { username: "xy" },
      { display_name: " " },
      { profile_photo_url: "http://x.test/a" },
      { metadata: { a: "x".repeat(4096) } },
      { metadata: "x" },
      { metadata: { a: "\u0000" } },
    ];
    for (const body of bad) expectError(await put(backend, user, body), "VALIDATION_ERROR");
    const most = { a: "x".repeat(4096 - '{"a":""}'.length) };
    expect((await put(backend, user, { metadata: most })).body.metadata).toEqual(most);
    expect((await put(backend, user, { metadata: null })).body.metadata).toBeNull();
    const nil = "00000000-0000-0000-0000-000000000000";
    expectError(await put(backend, `ext:${nil}`, {}), "VALIDATION_ERROR");
    expect(
      (
        await request("/api/v1/users/me", {
          headers: { authorization: `Bearer ${await sign({ sub: nil })}` },
        })
      ).status,
    ).toBe(401);
  });
});

describe("deactivated users", () => {
  it("[R28 DEACT-1] sockets of both kinds close with 4012 at once, hibernating ones too; nothing arrives after", async () => {
    const backend = await serverToken("users messages");
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const sockets = [
      await connect(ann),
      await connectTo(ann, id),
      await connectTo(ann, id, "?lean=1&batch=1"),
    ];
    const others = [await connect(bob), await connectTo(bob, id)];
    await say(bob, id, "before");
    for (const socket of sockets) await socket.heard("message.new");
    await hibernate(id, ann, bob);
    const { body } = await api(backend, "POST", path(ann.user_id, "/deactivate"));
    expect(body.deactivated_at).not.toBeNull();
    await Promise.all(sockets.map((socket) => closesWith(socket, 4012)));
    const heard = sockets.map((socket) => socket.events.length);
    await say(bob, id, "after");
    for (const socket of others)
      await socket.heard((e) => e.type === "message.new" && e.data.content === "after");
    expect(sockets.map((socket) => socket.events.length)).toEqual(heard);
    // Requests, sockets, tickets, and a server in their name.
    for (const one of ["/users/me", `/conversations/${id}/messages`]) {
      expectError(await api(ann, "GET", one), "USER_DEACTIVATED");
      expectError(await asUser(backend, ann, "GET", one), "USER_DEACTIVATED");
    }
    for (const one of ["/ws", `/api/v1/conversations/${id}/ws`]) {
      const headers = { upgrade: "websocket", authorization: `Bearer ${ann.token}` };
      expect((await request(one, { headers })).status).toBe(403);
    }
    const again = await api(backend, "POST", path(ann.user_id, "/deactivate"));
    expect(again.body.deactivated_at).toBe(body.deactivated_at);
    // What they said stays, and others still see them.
    expect((await api(bob, "GET", `/users/${ann.user_id}`)).body).toMatchObject({ username: ann.username });
    expect((await api(backend, "POST", path(ann.user_id, "/reactivate"))).body.deactivated_at).toBeNull();
    const back = await connect(ann);
    await say(bob, id, "welcome back");
    await back.heard((e) => e.type === "message.new" && e.data.content === "welcome back");
    for (const socket of [back, ...others]) socket.close();
  });

  it("[R28 DEACT-2] an isolate that has not heard of it lets no socket open; a ticket from before opens none", async () => {
    const backend = await serverToken("users");
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const { ticket } = (await api(ann, "POST", "/ws/ticket")).body;
    // As if another isolate had done it: the hub knows, this one does not.
    const hub = env.USER_HUB.get(env.USER_HUB.idFromName(ann.user_id)) as unknown as {
      restrict(userId: string, restriction: object): Promise<void>;
    };
    await hub.restrict(ann.user_id, { is_deactivated: true, tokens_valid_from: 0 });
    expect((await api(ann, "GET", "/users/me")).status).toBe(200);
    for (const one of ["/ws", `/api/v1/conversations/${id}/ws`]) {
      const headers = { upgrade: "websocket", authorization: `Bearer ${ann.token}` };
      const refused = await request(one, { headers });
      expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([
        403,
        "USER_DEACTIVATED",
      ]);
    }
    expect((await request(`/ws?ticket=${ticket}`, { headers: { upgrade: "websocket" } })).status).toBe(401);
    await api(backend, "POST", path(ann.user_id, "/reactivate"));
    (await connect(ann)).close();
  });

  it("[R28 DEACT-3] nobody is nobody; a server needs the scope", async () => {
    const backend = await serverToken("users");
    for (const more of ["/deactivate", "/reactivate"]) {
      expectError(await api(backend, "POST", path(crypto.randomUUID(), more)), "NOT_FOUND");
      const other = await serverToken("conversations messages");
      expectError(await api(other, "POST", path(crypto.randomUUID(), more)), "FORBIDDEN");
    }
  });
});

describe("revoked tokens", () => {
  it("[R28 REVOKE-1] older tokens are refused, and their sockets close with 4009; newer ones go on", async () => {
    const backend = await serverToken("users");
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const [old, fresh] = [await issued(ann, 60), await issued(ann, 0)];
    const closing = [await connect(old), await connectTo(old, id), await connect(ann)];
    const staying = [await connect(fresh), await connectTo(fresh, id)];
    const { ticket } = (await api(old, "POST", "/ws/ticket")).body;
    await hibernate(id, ann);
    const issued_before = new Date(Date.now() - 30_000).toISOString();
    const { body } = await api(backend, "POST", path(ann.user_id, "/tokens/revoke"), { issued_before });
    expect(body.tokens_valid_from).toBe(issued_before);
    await Promise.all(closing.map((socket) => closesWith(socket, 4009)));
    const heard = closing.map((socket) => socket.events.length);
    await say(bob, id, "after");
    for (const socket of staying)
      await socket.heard((e) => e.type === "message.new" && e.data.content === "after");
    expect(closing.map((socket) => socket.events.length)).toEqual(heard);
    // One without `iat` is older than any.
    for (const one of [old, ann, await until(ann, Math.floor(Date.now() / 1000) + 600)]) {
      expectError(await api(one, "GET", "/users/me"), "UNAUTHORIZED");
    }
    expect((await request(`/ws?ticket=${ticket}`, { headers: { upgrade: "websocket" } })).status).toBe(401);
    expect((await api(fresh, "GET", "/users/me")).status).toBe(200);
    // A socket that takes an old token closes.
    for (const socket of staying) {
      socket.raw(JSON.stringify({ type: "auth.refresh", token: old.token }));
      await closesWith(socket, 4009);
    }
  });

  it("[R28 REVOKE-2] the time only moves on; now is the default, the future is refused", async () => {
    const backend = await serverToken("users");
    const [ann] = await people("ann");
    const revoke = (body: object) => api(backend, "POST", path(ann.user_id, "/tokens/revoke"), body);
    const before = Date.now();
    const { body } = await revoke({});
    expect(Date.parse(body.tokens_valid_from)).toBeGreaterThanOrEqual(before);
    expect((await revoke({ issued_before: new Date(before - 60_000).toISOString() })).body).toEqual(body);
    expectError(
      await revoke({ issued_before: new Date(Date.now() + 120_000).toISOString() }),
      "VALIDATION_ERROR",
    );
    expectError(await revoke({ issued_before: "yesterday" }), "VALIDATION_ERROR");
    const soon = await revoke({ issued_before: new Date(Date.now() + 30_000).toISOString() });
    expect(Date.parse(soon.body.tokens_valid_from)).toBeLessThanOrEqual(Date.now());
    // A server acts for them as before.
    expect((await asUser(backend, ann, "GET", "/users/me")).status).toBe(200);
  });

  it("[R28 REVOKE-3] a refused token changes no profile", async () => {
    const backend = await serverToken("users");
    const [ann] = await people("ann");
    await api(backend, "POST", path(ann.user_id, "/tokens/revoke"), {});
    const stolen = {
      ...ann,
      token: await sign({
        sub: ann.user_id,
        display_name: "Mallory",
        iat: Math.floor(Date.now() / 1000) - 5,
      }),
    };
    expectError(await api(stolen, "GET", "/users/me"), "UNAUTHORIZED");
    vi.setSystemTime(Date.now() + 5_000);
    try {
      const fresh = await issued(ann, 0);
      expect((await api(fresh, "GET", "/users/me")).body.display_name).toBe(ann.username);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("events of the app to a user", () => {
  it("[R28 EVENT-1] reach every socket of theirs, of both kinds and in the short form, and nobody else", async () => {
    const backend = await serverToken("users");
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const sockets = [await connect(ann), await connectTo(ann, id), await connect(ann, "/ws?lean=1&batch=1")];
    const other = await connect(bob);
    const data = { seq: 7, sender_id: "x", deep: { list: [1, null, "ü"] } };
    const sent = await api(backend, "POST", path(ann.user_id, "/events"), { name: "order.moved", data });
    expect(sent.status).toBe(204);
    for (const socket of sockets) {
      const event = await socket.heard((e) => String(e.type) === "custom.order.moved");
      expect(event).toEqual({ type: "custom.order.moved", data });
    }
    expect(other.events.map(({ type }) => String(type))).not.toContain("custom.order.moved");
    const [carl] = await people("carl");
    expect((await api(backend, "POST", path(carl.user_id, "/events"), { name: "x" })).status).toBe(204);
    expectError(await api(backend, "POST", path(crypto.randomUUID(), "/events"), { name: "x" }), "NOT_FOUND");
    for (const body of [
      { name: "" },
      { name: "A" },
      { name: "a..b" },
      { name: "x", data: { a: "x".repeat(4096) } },
      { name: "x", data: [] },
    ]) {
      expectError(await api(backend, "POST", path(ann.user_id, "/events"), body), "VALIDATION_ERROR");
    }
    for (const socket of [...sockets, other]) socket.close();
  });
});
