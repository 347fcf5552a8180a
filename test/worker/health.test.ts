import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { commitOf, failing, readiness } from "../../src/health.ts";
import { read, workerWith } from "./checks.ts";
import { faults } from "./faults.ts";
import { request } from "./kit.ts";

const { version } = manifest;
const GOOD = { ok: true, ms: expect.any(Number) };
const BAD = { ok: false, ms: expect.any(Number) };

/** Results are shared for a second: each test has its own. */
let clock = Date.now();

beforeEach(() => {
  clock += 10_000;
  vi.setSystemTime(clock);
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  faults.d1Down = false;
  faults.d1Fails = undefined;
  faults.r2Down = false;
});

const ready = async () => await read(await request("/health/ready"));

describe("health", () => {
  it("[HEALTH-1] /health is alive whatever else is down, and names the version", async () => {
    faults.d1Down = true;
    faults.r2Down = true;
    const { status, body } = await read(await request("/health"));
    expect([status, body]).toEqual([200, { status: "ok", version, commit: null }]);
  });

  it("[HEALTH-8] names the commit that `npm run deploy` has tagged the version with", () => {
    const tagged = (tag: string) => commitOf({ VERSION: { id: "any", tag, timestamp: "" } });
    expect(tagged("0.1.0+0123456789ab")).toBe("0123456789ab");
    expect([tagged("0.1.0"), tagged(""), commitOf({})]).toEqual([null, null, null]);
  });

  it("[R4 HEALTH-7] a page whose origin is not named can tell that it runs, and nothing else", async () => {
    const policy = async (path: string) => {
      const { headers } = await read(await request(path, { headers: { origin: "https://evil.example" } }));
      return [headers.get("cross-origin-resource-policy"), headers.get("access-control-allow-origin")];
    };
    expect(await policy("/health")).toEqual(["cross-origin", null]);
    for (const path of ["/health/ready", "/api/v1/capabilities", "/nowhere"]) {
      expect(await policy(path)).toEqual(["same-origin", null]);
    }
  });

  it("[HEALTH-2] /health/ready tries keys, D1, R2 and an object", async () => {
    const { status, body, headers } = await ready();
    expect([status, body]).toEqual([
      200,
      { status: "ok", version, commit: null, checks: { keys: GOOD, d1: GOOD, r2: GOOD, objects: GOOD } },
    ]);
    expect(headers.get("cache-control")).toBe("no-store");
  });

  it.each([
    ["D1 is away", { d1Down: true }, "d1"],
    ["D1 has no tables", { d1Fails: "D1_ERROR: no such table: users" }, "d1"],
    ["R2 is away", { r2Down: true }, "r2"],
  ])("[HEALTH-3] %s: 503 with what is broken, and why in the log alone", async (_, fault, check) => {
    Object.assign(faults, fault);
    const error = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const { status, body, headers } = await ready();
    expect(status).toBe(503);
    expect(body).toEqual({
      code: "SERVICE_UNAVAILABLE",
      message: `Not ready: ${check}`,
      details: { checks: { keys: GOOD, d1: GOOD, r2: GOOD, objects: GOOD, [check]: BAD } },
      request_id: expect.any(String),
    });
    expect(headers.get("retry-after")).toBe("1");
    // Objects of other tests may still be at work, and log.
    const lines = error.mock.calls.map(([line]) => JSON.parse(String(line)));
    expect(lines.filter(({ event }) => event === "health.failed")).toEqual([
      expect.objectContaining({ check }),
    ]);
  });

  it.each([
    ["no key", {}],
    ["a short secret", { JWT_SECRET: "a short secret" }],
    ["a key that is none", { JWT_PUBLIC_KEY: "a broken key" }],
    [
      "a key set that nobody serves",
      { JWT_JWKS_URL: "http://127.0.0.1:1/keys", JWT_ISSUER: "i", JWT_AUDIENCE: "a" },
    ],
  ])("[HEALTH-4] %s is not ready, and the answer holds no setting", async (_, settings) => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const response = await workerWith(settings)("/health/ready");
    const text = await response.text();
    expect(response.status).toBe(503);
    expect(JSON.parse(text)).toMatchObject({
      message: "Not ready: keys",
      details: { checks: { keys: BAD, d1: GOOD } },
    });
    for (const setting of Object.values(settings))
      if (setting.length > 1) expect(text).not.toContain(setting);
  });

  it("[HEALTH-5] an object or a bucket that hangs is given up, and its timer with it", async () => {
    const error = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const hanging = () => new Promise<never>(() => undefined);
    const broken = {
      ...env,
      CONVERSATION: { idFromName: () => "", get: () => ({ ping: hanging }) },
      ATTACHMENTS: { head: hanging },
    } as unknown as typeof env;
    const waited: Promise<unknown>[] = [];
    const results = await readiness(broken, clock, (work) => void waited.push(work), 20);
    expect(failing(results)).toEqual(["r2", "objects"]);
    expect(waited).toHaveLength(1);
    const lines = error.mock.calls.map(([line]) => JSON.parse(String(line)));
    const failed = lines.filter(({ event }) => event === "health.failed");
    expect(failed.map(({ reason }) => reason)).toEqual(["timed out", "timed out"]);
  });

  it("[HEALTH-6] those who ask within a second share one result, those who ask at once too", async () => {
    const prepare = vi.fn((query: string) => env.DB.prepare(query));
    const counted = { ...env, DB: { prepare } } as unknown as typeof env;
    const ask = (ms: number) => readiness(counted, clock + ms, () => undefined);
    await Promise.all(Array.from({ length: 50 }, (_, i) => ask(i)));
    await ask(999);
    expect(prepare).toHaveBeenCalledTimes(1);
    await ask(1_000);
    expect(prepare).toHaveBeenCalledTimes(2);
    // A clock that went back does not keep an old result alive.
    await ask(-1_000);
    expect(prepare).toHaveBeenCalledTimes(3);
  });
});
