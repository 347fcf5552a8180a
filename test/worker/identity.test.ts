import { env } from "cloudflare:workers";
import { isConversationId } from "@rocket-chat-api/protocol";
import { exportSPKI, generateKeyPair, SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { expectError, loggedDuring, read, workerWith } from "./checks.ts";
import { bearer, expectedId, inAnHour, me, meAt, SECRET } from "./identity-kit.ts";
import { api, connect, connectTo, direct, people, request, say, sign, uniqueName } from "./kit.ts";

const IDENTITY_SECRET = "a secret of 32 bytes, for the ids";

const IDS = [
  "auth0|5f7c8ec7c33c6c004bbafe82",
  "kR2f9ZbTQwOaPzK1",
  "user_2NNEqL2nrIRdJ194ndJqAHwEfxC",
  "42",
  "bob@example.com",
  "😀".repeat(128),
  " a ",
];

describe("ids of identity providers", () => {
  it("[R28 ID-4] any id is a user, always the same; a UUID is the id as it is", async () => {
    for (const sub of IDS) {
      const user = await me({ sub });
      expect(user).toMatchObject({
        user_id: await expectedId(env.IDENTITY_SECRET ?? "", "", sub),
        external_id: sub,
      });
      expect(await me({ user_id: sub })).toEqual(user);
    }
    const uuid = crypto.randomUUID();
    expect(await me({ sub: uuid.toUpperCase() })).toMatchObject({ user_id: uuid, external_id: uuid });
  });

  it("[R28 ID-4] a number is the id that its digits are", async () => {
    const sub = Number.parseInt(crypto.randomUUID().slice(0, 8), 16);
    const user = await me({ user_id: sub });
    expect(user.external_id).toBe(String(sub));
    expect(await me({ sub: String(sub), user_id: sub })).toEqual(user);
  });

  it("[R28 ID-5] another issuer's person is another one; the way of signing does not matter", async () => {
    const sub = `auth0|${crypto.randomUUID()}`;
    const iss = "https://id.example.com/";
    const [one, other] = [await me({ sub, iss }), await me({ sub, iss: "https://id.example.org/" })];
    expect(one.user_id).toBe(await expectedId(env.IDENTITY_SECRET ?? "", iss, sub));
    expect(new Set([one.user_id, other.user_id, (await me({ sub })).user_id]).size).toBe(3);
    const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
    const worker = workerWith({ JWT_PUBLIC_KEY: await exportSPKI(publicKey) });
    const token = await new SignJWT({ sub, iss, exp: inAnHour() })
      .setProtectedHeader({ alg: "ES256" })
      .sign(privateKey);
    expect((await meAt(worker, token)).body.user_id).toBe(one.user_id);
  });

  it("[R28 ID-5] a user id leads to no conversation and no message", async () => {
    const ann = bearer(await sign({ sub: `email|${crypto.randomUUID()}` }));
    const { user_id } = (await api(ann, "GET", "/users/me")).body;
    expect(isConversationId(user_id)).toBe(false);
    expectError(await api(ann, "GET", `/conversations/${user_id}`), "CONVERSATION_NOT_FOUND");
    expectError(await api(ann, "GET", `/messages/${user_id}`), "NOT_FOUND");
  });

  it("[R28 ID-6] they chat: direct, over both sockets, with a ticket and a refreshed token", async () => {
    const [bob] = await people("bob");
    const claims = { sub: `auth0|${crypto.randomUUID()}`, preferred_username: uniqueName("Ann") };
    const token = await sign(claims);
    const ann = { ...bearer(token), ...(await me(claims)) };
    const id = await direct(bob, ann);
    const sockets = [await connect(ann), await connectTo(ann, id)];
    await say(bob, id, "hello");
    for (const socket of sockets) {
      await socket.heard("message.new");
      expect(await socket.ask({ type: "auth.refresh", token: await sign(claims) })).toMatchObject({
        type: "ack",
      });
      const stranger = await sign({ ...claims, iss: "https://id.example.org" });
      expect(await socket.ask({ type: "auth.refresh", token: stranger })).toMatchObject({
        code: "FORBIDDEN",
      });
    }
    const { ticket } = (await api(ann, "POST", "/ws/ticket")).body;
    const opened = await request(`/ws?ticket=${ticket}`, { headers: { upgrade: "websocket" } });
    opened.webSocket?.accept();
    expect(opened.status).toBe(101);
  });

  it("[R28 ID-7] without a secret of 32 bytes such ids are refused and the log says what is missing; UUIDs go on", async () => {
    const sub = crypto.randomUUID();
    for (const secret of [undefined, "", "x".repeat(31)]) {
      const worker = workerWith({
        JWT_SECRET: SECRET,
        ...(secret === undefined ? { IDENTITY_SECRET: "" } : { IDENTITY_SECRET: secret }),
      });
      expect((await meAt(worker, await sign({ sub }, { secret: SECRET }))).body.user_id).toBe(sub);
      const logs = await loggedDuring(async () => {
        for (const id of ["42", "auth0|x"]) {
          expectError(await meAt(worker, await sign({ sub: id }, { secret: SECRET })), "UNAUTHORIZED");
        }
      });
      expect(logs).toContain('"token_refused":"id_needs_identity_secret"');
      expect(logs).toContain("IDENTITY_SECRET is");
      expect(logs).not.toContain("auth0|x");
    }
    const worker = workerWith({ JWT_SECRET: SECRET, IDENTITY_SECRET });
    const { body } = await meAt(worker, await sign({ sub: "42" }, { secret: SECRET }));
    expect(body.user_id).toBe(await expectedId(IDENTITY_SECRET, "", "42"));
  });

  it("[R28 CLAIM-2] the operator names the claims", async () => {
    const handle = uniqueName("handle");
    const worker = workerWith({
      JWT_SECRET: SECRET,
      IDENTITY_SECRET,
      JWT_USERNAME_CLAIM: "https://app/handle",
      JWT_NAME_CLAIM: "meta.full",
      JWT_PHOTO_CLAIM: "avatar",
      PHOTO_HOSTS: "cdn.example.com",
    });
    const claims = {
      sub: crypto.randomUUID(),
      "https://app/handle": handle.toUpperCase(),
      meta: { full: "Ann B." },
    };
    const seen = async (avatar: string) =>
      (await meAt(worker, await sign({ ...claims, avatar }, { secret: SECRET }))).body;
    expect(await seen("https://cdn.example.com/a.png")).toMatchObject({
      username: handle,
      display_name: "Ann B.",
      profile_photo_url: "https://cdn.example.com/a.png",
    });
    expect(await seen("https://evil.test/a.png")).toMatchObject({ profile_photo_url: null });
  });
});

describe("why a token is refused", () => {
  /** The reasons that the log gives while `work` runs. */
  async function reasons(work: () => Promise<unknown>): Promise<string[]> {
    const logs = await loggedDuring(work);
    return [...logs.matchAll(/"token_refused":"(\w+)"/g)].map(([, reason]) => reason ?? "");
  }

  async function tokens(): Promise<[reason: string, token: string][]> {
    const sub = crypto.randomUUID();
    const secret = new TextEncoder().encode(env.JWT_SECRET);
    const { privateKey } = await generateKeyPair("RS256");
    const good = await sign({ sub });
    return [
      ["expired", await sign({ sub }, { expiresAt: Math.floor(Date.now() / 1000) - 60 })],
      ["wrong_key", await sign({ sub }, { secret: SECRET })],
      ["wrong_key", `${good.slice(0, good.lastIndexOf("."))}.${"A".repeat(43)}`],
      ["no_exp", await new SignJWT({ sub }).setProtectedHeader({ alg: "HS256" }).sign(secret)],
      ["id_not_accepted", await sign({})],
      ["id_not_accepted", await sign({ sub: "a\nb" })],
      ["id_not_accepted", await sign({ sub, user_id: "other" })],
      ["not_yet_valid", await sign({ sub, nbf: inAnHour() })],
      [
        "algorithm",
        await new SignJWT({ sub, exp: inAnHour() }).setProtectedHeader({ alg: "HS512" }).sign(secret),
      ],
      [
        "algorithm",
        await new SignJWT({ sub, exp: inAnHour() }).setProtectedHeader({ alg: "RS256" }).sign(privateKey),
      ],
      ["audience", await sign({ sub, aud: "rocket-chat:server" })],
      ["audience", await sign({ sub, aud: ["chat", "rocket-chat:server"] })],
      ["malformed", "hello"],
      ["malformed", "a.b.c"],
      ["malformed", "x".repeat(9000)],
    ];
  }

  it("[R28 LOG-1] the request's line says it, over REST and both sockets; the answer is the same for all", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const open = await connect(ann);
    const own = await connectTo(ann, id);
    for (const [reason, token] of await tokens()) {
      const bodies: unknown[] = [];
      const said = await reasons(async () => {
        for (const path of ["/api/v1/users/me", "/ws", `/api/v1/conversations/${id}/ws`]) {
          const headers = {
            authorization: `Bearer ${token}`,
            ...(path.endsWith("ws") ? { upgrade: "websocket" } : {}),
          };
          const answer = await read(await request(path, { headers }));
          expectError(answer, "UNAUTHORIZED");
          const { request_id: _, ...body } = answer.body;
          bodies.push(body);
        }
        for (const socket of [open, own]) {
          const {
            type: _,
            request_id: __,
            ...body
          } = (await socket.ask({ type: "auth.refresh", token })) as { type: "error"; request_id?: string };
          bodies.push(body);
        }
      });
      expect([token.slice(0, 20), said]).toEqual([token.slice(0, 20), Array(5).fill(reason)]);
      for (const body of bodies) expect(body).toEqual({ code: "UNAUTHORIZED", message: "Invalid token" });
    }
  });

  it("[R28 LOG-2] issuer and audience too", async () => {
    const worker = workerWith({
      JWT_SECRET: SECRET,
      JWT_ISSUER: "https://id.example.com",
      JWT_AUDIENCE: "chat",
    });
    const right = { sub: crypto.randomUUID(), iss: "https://id.example.com", aud: "chat" };
    const wrong: [reason: string, claims: object][] = [
      ["issuer", { ...right, iss: "https://id.example.org" }],
      ["issuer", { sub: right.sub, aud: "chat" }],
      ["audience", { ...right, aud: "other" }],
      ["audience", { sub: right.sub, iss: right.iss }],
    ];
    for (const [reason, claims] of wrong) {
      const token = await sign({ ...claims }, { secret: SECRET });
      expect(await reasons(() => meAt(worker, token))).toEqual([reason]);
    }
    expect((await meAt(worker, await sign(right, { secret: SECRET }))).status).toBe(200);
  });

  it("[R28 LOG-3] a token that is taken, or none at all, leaves no reason", async () => {
    const [ann] = await people("ann");
    expect(await reasons(() => api(ann, "GET", "/users/me"))).toEqual([]);
    expect(await reasons(() => api(undefined, "GET", "/users/me"))).toEqual([]);
  });
});
