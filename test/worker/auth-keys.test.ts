import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { afterEach, describe, expect, it, vi } from "vitest";
import { expectError, loggedDuring, read, workerWith } from "./checks.ts";
import { uniqueName } from "./kit.ts";

type Worker = ReturnType<typeof workerWith>;

const ALGORITHMS = ["RS256", "ES256", "EdDSA"] as const;

/** Where key sets are used, both are required. */
const OURS = { iss: "https://id.example.com", aud: "chat" };

function claims(more: JWTPayload = {}): JWTPayload {
  const exp = Math.floor(Date.now() / 1000) + 3600;
  return { sub: crypto.randomUUID(), username: uniqueName("john_doe"), exp, ...OURS, ...more };
}

/** What `GET /users/me` answers to a token. */
async function me(worker: Worker, token: string) {
  return await read(await worker("/api/v1/users/me", { headers: { authorization: `Bearer ${token}` } }));
}

async function signWith(
  key: CryptoKey | Uint8Array,
  alg: string,
  payload = claims(),
  header: Record<string, unknown> = {},
): Promise<string> {
  return await new SignJWT(payload).setProtectedHeader({ alg, ...header }).sign(key);
}

describe("JWT_PUBLIC_KEY", () => {
  for (const alg of ALGORITHMS) {
    it(`[AUTH-2] ${alg}: its own key opens, everything else is refused`, async () => {
      const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
      const pem = await exportSPKI(publicKey);
      const worker = workerWith({ JWT_PUBLIC_KEY: pem, JWT_SECRET: "a secret left over from development" });
      const payload = claims();
      const answer = await me(worker, await signWith(privateKey, alg, payload));
      expect(answer.body).toMatchObject({ user_id: payload.sub, username: payload.username });
      const stranger = await generateKeyPair(alg);
      expectError(await me(worker, await signWith(stranger.privateKey, alg)), "UNAUTHORIZED");
      for (const other of ALGORITHMS.filter((one) => one !== alg)) {
        const pair = await generateKeyPair(other);
        expectError(await me(worker, await signWith(pair.privateKey, other)), "UNAUTHORIZED");
      }
      // The key is public: as a secret it must open nothing, nor may what JWT_SECRET still holds.
      for (const text of [pem, pem.trim(), "a secret left over from development"]) {
        const token = await signWith(new TextEncoder().encode(text), "HS256");
        expectError(await me(worker, token), "UNAUTHORIZED");
      }
    });
  }

  it("[AUTH-2] the newer name of EdDSA is the same", async () => {
    const { privateKey, publicKey } = await generateKeyPair("Ed25519", { extractable: true });
    const worker = workerWith({ JWT_PUBLIC_KEY: await exportSPKI(publicKey) });
    for (const alg of ["Ed25519", "EdDSA"]) {
      expect((await me(worker, await signWith(privateKey, alg))).status).toBe(200);
    }
  });

  it("[AUTH-2] a PEM whose line breaks are written as \\n is read", async () => {
    const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
    const worker = workerWith({ JWT_PUBLIC_KEY: (await exportSPKI(publicKey)).replaceAll("\n", "\\n") });
    expect((await me(worker, await signWith(privateKey, "ES256"))).status).toBe(200);
  });
});

describe("issuer and audience", () => {
  it("[AUTH-2] where configured, both must be right", async () => {
    const secret = "a secret of more than thirty-two bytes";
    const key = new TextEncoder().encode(secret);
    const worker = workerWith({
      JWT_SECRET: secret,
      JWT_ISSUER: "https://id.example.com",
      JWT_AUDIENCE: "chat",
    });
    expect((await me(worker, await signWith(key, "HS256"))).status).toBe(200);
    const several = claims({ aud: ["other", "chat"] });
    expect((await me(worker, await signWith(key, "HS256", several))).status).toBe(200);
    const wrong = [
      { iss: undefined, aud: undefined },
      { aud: undefined },
      { iss: undefined },
      { iss: "https://id.example.org" },
      { aud: "other" },
      { aud: [] },
    ];
    for (const part of wrong) {
      const payload = JSON.parse(JSON.stringify(claims(part as JWTPayload)));
      expectError(await me(worker, await signWith(key, "HS256", payload)), "UNAUTHORIZED");
    }
  });
});

describe("JWT_JWKS_URL", () => {
  afterEach(() => vi.unstubAllGlobals());

  let urls = 0;
  /** A Worker whose key set is fetched by `respond`; each has a URL of its own, since key sets are cached. */
  function workerWithKeySet(respond: () => Promise<Response>): Worker {
    urls += 1;
    vi.stubGlobal("fetch", vi.fn(respond));
    return workerWith({
      JWT_JWKS_URL: `https://id.example.com/keys/${urls}`,
      JWT_ISSUER: OURS.iss,
      JWT_AUDIENCE: OURS.aud,
    });
  }

  it("[AUTH-2] keys of the set open, by their kid; strangers and HS256 do not", async () => {
    const pairs = await Promise.all(ALGORITHMS.map((alg) => generateKeyPair(alg, { extractable: true })));
    const keys = await Promise.all(
      pairs.map(async ({ publicKey }, i) => ({ ...(await exportJWK(publicKey)), kid: `k${i}` })),
    );
    const worker = workerWithKeySet(async () => Response.json({ keys }));
    for (const [i, { privateKey }] of pairs.entries()) {
      const token = await signWith(privateKey, ALGORITHMS[i] ?? "", claims(), { kid: `k${i}` });
      expect((await me(worker, token)).status).toBe(200);
    }
    expect(fetch).toHaveBeenCalledTimes(1);
    const stranger = await generateKeyPair("RS256");
    for (const kid of ["k0", "k9"]) {
      const token = await signWith(stranger.privateKey, "RS256", claims(), { kid });
      expectError(await me(worker, token), "UNAUTHORIZED");
    }
    const symmetric = await signWith(new TextEncoder().encode(JSON.stringify(keys[0])), "HS256", claims(), {
      kid: "k0",
    });
    expectError(await me(worker, symmetric), "UNAUTHORIZED");
  });

  it("[R2 KEYS-1] over http only on this machine", async () => {
    const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
    vi.stubGlobal(
      "fetch",
      vi.fn(async () => Response.json({ keys: [await exportJWK(publicKey)] })),
    );
    for (const host of ["localhost:9000", "127.0.0.1", "[::1]:8080"]) {
      const settings = { JWT_ISSUER: OURS.iss, JWT_AUDIENCE: OURS.aud };
      const worker = workerWith({ JWT_JWKS_URL: `http://${host}/keys`, ...settings });
      expect((await me(worker, await signWith(privateKey, "RS256"))).status).toBe(200);
    }
  });

  it("[R2 KEYS-2] tokens of the provider's other applications, and of the app's own backend, open nothing", async () => {
    const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
    const worker = workerWithKeySet(async () => Response.json({ keys: [await exportJWK(publicKey)] }));
    expect((await me(worker, await signWith(privateKey, "RS256"))).status).toBe(200);
    const foreign = [
      { aud: "another application" },
      { aud: ["account"] },
      { iss: "https://id.example.com/another-tenant" },
      { aud: "rocket-chat:server" },
      { aud: ["chat", "rocket-chat:server"] },
    ];
    for (const part of foreign) {
      expectError(await me(worker, await signWith(privateKey, "RS256", claims(part))), "UNAUTHORIZED");
    }
  });

  const outages: [what: string, respond: () => Promise<Response>][] = [
    ["answers 500", async () => new Response("oops", { status: 500 })],
    ["answers no JSON", async () => new Response("<html>")],
    ["answers no key set", async () => Response.json({ hello: "world" })],
    ["cannot be reached", async () => Promise.reject(new Error("Network connection lost."))],
  ];
  for (const [what, respond] of outages) {
    it(`[AUTH-2] a key set that ${what} is our trouble, not the token's: 503, and it is logged`, async () => {
      const { privateKey } = await generateKeyPair("RS256");
      const worker = workerWithKeySet(respond);
      const logs = await loggedDuring(async () => {
        expectError(await me(worker, await signWith(privateKey, "RS256")), "SERVICE_UNAVAILABLE");
      });
      expect(logs).toContain("auth.keys_unavailable");
    });
  }
});
