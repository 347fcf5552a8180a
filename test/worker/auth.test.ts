import { env } from "cloudflare:workers";
import { base64url, exportSPKI, generateKeyPair, SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { expectError, loggedDuring, read, workerWith } from "./checks.ts";
import { api, connect, direct, type Person, people, request, say, sign, uniqueName } from "./kit.ts";

const inAnHour = () => Math.floor(Date.now() / 1000) + 3600;
const SECRET = "another secret of more than 32 bytes";
const OURS = { JWT_ISSUER: "https://id.example.com", JWT_AUDIENCE: "chat" };

/** Somebody with this token. */
function bearer(token: string): Person {
  return { user_id: "", username: "", token };
}

/** Asks `GET /users/me` with a token. */
async function me(token: string) {
  return await api(bearer(token), "GET", "/users/me");
}

describe("the person behind a token", () => {
  it("[AUTH-1] sub or user_id names the user, who exists from the first request on", async () => {
    const [witness] = await people("witness");
    for (const claim of ["sub", "user_id"]) {
      const id = crypto.randomUUID();
      expectError(await api(witness, "GET", `/users/${id}`), "NOT_FOUND");
      const photo = "https://cdn.example.com/john.jpg";
      const profile = {
        username: uniqueName("john_doe"),
        display_name: "John Doe",
        profile_photo_url: photo,
      };
      expect((await me(await sign({ [claim]: id, ...profile }))).body).toMatchObject({
        user_id: id,
        ...profile,
      });
      const seen = await api(witness, "GET", `/users/${id}`);
      expect(seen.body).toMatchObject({ user_id: id, ...profile, is_online: false });
    }
  });

  it("[AUTH-1] without a display name the username stands in", async () => {
    const username = uniqueName("john_doe");
    const answer = await me(await sign({ sub: crypto.randomUUID(), username: username.toUpperCase() }));
    expect(answer.body).toMatchObject({
      username,
      display_name: username,
      profile_photo_url: null,
    });
  });

  it("[AUTH-1] the row is refreshed when the claims change", async () => {
    const sub = crypto.randomUUID();
    const [username, next] = [uniqueName("john_doe"), uniqueName("johnny")];
    await me(await sign({ sub, username, display_name: "John" }));
    const later = await me(await sign({ sub, username: next, display_name: "Johnny" }));
    expect(later.body).toMatchObject({ username: next, display_name: "Johnny" });
    const [witness] = await people("witness");
    const seen = await api(witness, "GET", `/users/${sub}`);
    expect(seen.body).toMatchObject({ username: next, display_name: "Johnny" });
  });

  it("[AUTH-1] one's own change holds until the claims change", async () => {
    const claims = { sub: crypto.randomUUID(), username: "john_doe", display_name: "John" };
    const token = await sign(claims);
    const patch = { display_name: "The Doe", profile_photo_url: "https://cdn.example.com/doe.jpg" };
    expect((await api(bearer(token), "PATCH", "/users/me", patch)).body).toMatchObject(patch);
    expect((await me(token)).body).toMatchObject(patch);
    // A newer token that says the same changes nothing.
    expect((await me(await sign(claims, { expiresAt: inAnHour() + 60 }))).body).toMatchObject(patch);
    const renamed = await me(await sign({ ...claims, display_name: "John D." }));
    expect(renamed.body).toMatchObject({ display_name: "John D.", profile_photo_url: null });
  });

  it("[AUTH-1] the name that others hear is the one that the user chose", async () => {
    const [john, ann] = await people("john", "ann");
    await api(john, "PATCH", "/users/me", { display_name: "The Doe" });
    const id = await direct(john, ann);
    const hub = await connect(ann);
    await say(john, id, "hello");
    expect(await hub.heard("message.new")).toMatchObject({
      data: { sender: { user_id: john.user_id, username: john.username, display_name: "The Doe" } },
    });
  });

  it("[AUTH-1] claims that name nobody are refused", async () => {
    const sub = crypto.randomUUID();
    const broken = [
      { username: "john_doe" },
      { sub: "", username: "john_doe" },
      { sub: "john\n", username: "john_doe" },
      { sub: { id: "john" }, username: "john_doe" },
      { sub, user_id: crypto.randomUUID(), username: "john_doe" },
    ];
    for (const claims of broken) expectError(await me(await sign(claims)), "UNAUTHORIZED");
  });
});

/** A token that is only encoded, or signed over with something else. */
function unsigned(header: object, claims: object, signature = ""): string {
  const encode = (part: object) => base64url.encode(JSON.stringify(part));
  return `${encode(header)}.${encode(claims)}.${signature}`;
}

/** Tokens that must open nothing, each with what is wrong with it. */
async function forgeries(): Promise<[what: string, token: string][]> {
  const claims = { sub: crypto.randomUUID(), username: "mallory", exp: inAnHour() };
  const { privateKey, publicKey } = await generateKeyPair("RS256");
  const good = await sign(claims);
  const [header, , signature] = good.split(".");
  const other = base64url.encode(JSON.stringify({ ...claims, sub: crypto.randomUUID() }));
  const { exp: _, ...endless } = claims;
  const hs = (alg: string) => new SignJWT(claims).setProtectedHeader({ alg });
  const secret = new TextEncoder().encode(env.JWT_SECRET);
  return [
    ["expired", await sign(claims, { expiresAt: Math.floor(Date.now() / 1000) - 60 })],
    ["alg none", unsigned({ alg: "none" }, claims)],
    ["alg None", unsigned({ alg: "None" }, claims, "x")],
    ["no signature", good.slice(0, good.lastIndexOf(".") + 1)],
    ["another secret", await sign(claims, { secret: SECRET })],
    ["HS512", await hs("HS512").sign(secret)],
    ["HS384", await hs("HS384").sign(secret)],
    ["RS256 by an attacker", await new SignJWT(claims).setProtectedHeader({ alg: "RS256" }).sign(privateKey)],
    [
      "RS256 with its own key in the header",
      await new SignJWT(claims)
        .setProtectedHeader({ alg: "RS256", jwk: { kty: "RSA", n: await exportSPKI(publicKey), e: "AQAB" } })
        .sign(privateKey),
    ],
    ["no exp", await new SignJWT(endless).setProtectedHeader({ alg: "HS256" }).sign(secret)],
    ["not yet valid", await sign({ ...claims, nbf: inAnHour() })],
    ["not yet valid, in milliseconds", await sign({ ...claims, nbf: Date.now() - 1000 })],
    ["expired, in milliseconds", await sign(claims, { expiresAt: Date.now() - 60_000 })],
    ["another payload", `${header}.${other}.${signature}`],
    ["a critical header", unsigned({ alg: "HS256", crit: ["x"], x: 1 }, claims, signature)],
    ["no JWT", "hello"],
    ["two parts", good.split(".").slice(0, 2).join(".")],
    ["too long", `${header}.${"x".repeat(9000)}.${signature}`],
  ];
}

describe("tokens that are refused", () => {
  it("[AUTH-2] a forged or expired token opens neither REST nor a socket, and is never logged", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const bad = await forgeries();
    const logs = await loggedDuring(async () => {
      for (const [what, token] of bad) {
        expect([what, (await me(token)).status]).toEqual([what, 401]);
        expectError(await me(token), "UNAUTHORIZED");
        for (const path of [`/ws?token=${token}`, `/api/v1/conversations/${id}/ws?token=${token}`]) {
          const response = await request(path, { headers: { upgrade: "websocket" } });
          expect([what, response.status]).toEqual([what, 401]);
          expect(response.webSocket).toBeNull();
          const text = await response.text();
          expect(text).not.toContain(token);
        }
      }
    });
    for (const [, token] of bad) expect(logs).not.toContain(token);
  });

  it("[AUTH-2] no token, or not as a bearer's, is refused and says how to come back", async () => {
    const [ann] = await people("ann");
    expectError(await api(undefined, "GET", "/users/me"), "UNAUTHORIZED");
    for (const authorization of [
      "",
      "Bearer",
      "Bearer ",
      ann.token,
      `Basic ${ann.token}`,
      `Bearer a ${ann.token}`,
    ]) {
      const answer = await api(undefined, "GET", "/users/me", undefined, { authorization });
      expectError(answer, "UNAUTHORIZED");
      expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer/);
    }
    // A token in a query opens sockets only: elsewhere it would end up in logs for nothing.
    expectError(await api(undefined, "GET", `/users/me?token=${ann.token}`), "UNAUTHORIZED");
  });
});

describe("a Worker that cannot verify", () => {
  const refusing: [what: string, settings: Parameters<typeof workerWith>[0]][] = [
    ["no key at all", {}],
    ["an empty secret", { JWT_SECRET: "" }],
    ["a secret of 31 bytes", { JWT_SECRET: "x".repeat(31) }],
    ["a public key that is none", { JWT_PUBLIC_KEY: "hello" }],
    ["a key set that is no URL", { JWT_JWKS_URL: "id.example.com/keys", ...OURS }],
    ["a key set over http", { JWT_JWKS_URL: "http://id.example.com/keys", ...OURS }],
    [
      "a key set over http on a host that only looks local",
      { JWT_JWKS_URL: "http://127.0.0.1.example.com/", ...OURS },
    ],
    ["a key set in a file", { JWT_JWKS_URL: "file:///keys", ...OURS }],
    ["a key set without issuer", { JWT_JWKS_URL: "https://id.example.com/keys", JWT_AUDIENCE: "chat" }],
    [
      "a key set without audience",
      { JWT_JWKS_URL: "https://id.example.com/keys", JWT_ISSUER: "https://id.example.com" },
    ],
    [
      "a key set with neither, beside a good secret",
      { JWT_JWKS_URL: "https://id.example.com/keys", JWT_SECRET: SECRET },
    ],
    ["the backend's audience for users", { JWT_SECRET: SECRET, JWT_AUDIENCE: "rocket-chat:server" }],
    [
      "the backend's own audience for users",
      { JWT_SECRET: SECRET, JWT_AUDIENCE: "ours", JWT_SERVER_AUDIENCE: "ours" },
    ],
  ];
  for (const [what, settings] of refusing) {
    it(`[AUTH-2] ${what}: every request is refused, with a clear log`, async () => {
      const worker = workerWith(settings);
      const secret = settings.JWT_SECRET || SECRET;
      const token = await sign({ sub: crypto.randomUUID(), username: "john_doe" }, { secret });
      const headers = { authorization: `Bearer ${token}` };
      const logs = await loggedDuring(async () => {
        expectError(await read(await worker("/api/v1/users/me", { headers })), "SERVICE_UNAVAILABLE");
        const socket = await worker("/ws", { headers: { ...headers, upgrade: "websocket" } });
        expectError(await read(socket), "SERVICE_UNAVAILABLE");
      });
      expect(logs).toContain("auth.misconfigured");
      expect(logs).toMatch(/JWT_(SECRET|PUBLIC_KEY|JWKS_URL|AUDIENCE)/);
    });
  }

  it("[AUTH-2] 32 bytes are enough, and bytes are what counts", async () => {
    for (const secret of ["x".repeat(32), "é".repeat(16)]) {
      const token = await sign({ sub: crypto.randomUUID(), username: "john_doe" }, { secret });
      const headers = { authorization: `Bearer ${token}` };
      expect((await workerWith({ JWT_SECRET: secret })("/api/v1/users/me", { headers })).status).toBe(200);
    }
  });
});
