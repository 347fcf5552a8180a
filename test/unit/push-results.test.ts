import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { apnsResult, issuedAt } from "../../src/push/apns.ts";
import { fcmResult } from "../../src/push/fcm.ts";
import { type Answer, retryAfterMs } from "../../src/push/request.ts";
import { webPushResult } from "../../src/push/web-push.ts";

const NOW = Date.UTC(2026, 10, 26, 12, 0, 0);
const REGISTERED = NOW - 1000;

function answer(status: number, body: unknown = "", headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers: new Headers(headers),
    text: typeof body === "string" ? body : JSON.stringify(body),
  };
}

let logged: string[] = [];
beforeEach(() => {
  logged = [];
  for (const level of ["log", "warn", "error"] as const) {
    vi.spyOn(console, level).mockImplementation((line: string) => void logged.push(line));
  }
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** An operator reads of it. */
function expectLoud(isLoud: boolean, word = ""): void {
  expect(logged.filter((line) => JSON.parse(line).level === "error")).toHaveLength(isLoud ? 1 : 0);
  if (isLoud) expect(logged[0]).toContain(word);
}

const FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError";
const BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest";
const fcmError = (errorCode: string, ...more: unknown[]) => ({
  error: { message: "names the token", details: [{ "@type": FCM_ERROR, errorCode }, ...more] },
});
const violation = (field: string) => ({
  "@type": BAD_REQUEST,
  fieldViolations: [{ field, description: "no" }],
});

describe("errors of FCM", () => {
  it.each<[string, number, unknown, string, boolean]>([
    ["success", 200, { name: "projects/p/messages/1" }, "sent", false],
    ["an app that was uninstalled", 404, fcmError("UNREGISTERED"), "token_dead", false],
    ["a token that is none", 400, fcmError("INVALID_ARGUMENT"), "token_dead", false],
    [
      "the same, with its field",
      400,
      fcmError("INVALID_ARGUMENT", violation("message.token")),
      "token_dead",
      false,
    ],
    ["our payload", 400, { error: { details: [violation("message.data[0].value")] } }, "failed", true],
    [
      "our payload, by an FcmError",
      400,
      fcmError("INVALID_ARGUMENT", violation("message.data")),
      "failed",
      true,
    ],
    ["a 400 that says nothing", 400, "", "failed", true],
    ["another project's token", 403, fcmError("SENDER_ID_MISMATCH"), "failed", true],
    ["no permission", 403, { error: { status: "PERMISSION_DENIED" } }, "failed", true],
    ["no APNs key in Firebase", 401, fcmError("THIRD_PARTY_AUTH_ERROR"), "failed", true],
    ["no such project", 404, { error: { status: "NOT_FOUND" } }, "failed", true],
    ["the quota", 429, fcmError("QUOTA_EXCEEDED"), "retry", false],
    ["an internal error", 500, fcmError("INTERNAL"), "retry", false],
    ["an outage", 503, fcmError("UNAVAILABLE"), "retry", false],
    ["a gateway that speaks HTML", 502, "<html>", "retry", false],
    ["a redirect", 302, "", "failed", true],
    ["details that are no list", 400, { error: { details: { "@type": FCM_ERROR } } }, "failed", true],
    [
      "details with holes",
      404,
      { error: { details: [null, { "@type": FCM_ERROR, errorCode: "UNREGISTERED" }] } },
      "token_dead",
      false,
    ],
  ])("[PUSH-P14] %s", (_, status, body, result, isLoud) => {
    expect(fcmResult(answer(status, body), NOW)).toMatchObject({ result, status });
    expectLoud(isLoud);
    expect(logged.join()).not.toContain("names the token");
  });

  it("[PUSH-P14] the quota waits a minute, or as long as Google says", () => {
    expect(fcmResult(answer(429), NOW)).toMatchObject({ result: "retry", after_ms: 60_000 });
    expect(fcmResult(answer(429, "", { "retry-after": "7" }), NOW)).toMatchObject({ after_ms: 7000 });
    expect(fcmResult(answer(503), NOW)).not.toHaveProperty("after_ms");
  });
});

describe("errors of APNs", () => {
  const result = (status: number, body: unknown) =>
    apnsResult(answer(status, body), "production", { registered_at: REGISTERED }, NOW);

  it.each<[number, string, unknown, boolean]>([
    [400, "BadDeviceToken", "wrong_environment", false],
    [400, "DeviceTokenNotForTopic", "failed", true],
    [400, "TopicDisallowed", "failed", true],
    [400, "BadCollapseId", "failed", true],
    [400, "IdleTimeout", "failed", true],
    [403, "InvalidProviderToken", "failed", true],
    [403, "ExpiredProviderToken", "failed", true],
    [403, "BadEnvironmentKeyIdInToken", "failed", true],
    [404, "BadPath", "failed", true],
    [405, "MethodNotAllowed", "failed", true],
    [410, "Unregistered", "token_dead", false],
    [410, "ExpiredToken", "token_dead", false],
    [413, "PayloadTooLarge", "failed", true],
    [429, "TooManyRequests", "retry", false],
    [429, "TooManyProviderTokenUpdates", "retry", false],
    [500, "InternalServerError", "retry", false],
    [503, "ServiceUnavailable", "retry", false],
    [503, "Shutdown", "retry", false],
  ])("[PUSH-P15] %i %s", (status, reason, expected, isLoud) => {
    const got = result(status, { reason });
    expect(typeof got === "string" ? got : got.result).toBe(expected);
    if (typeof got !== "string") expect(got).toMatchObject({ detail: expect.stringContaining(reason) });
    expectLoud(isLoud, reason);
  });

  it("[PUSH-P15] 410 kills a token only if the app has not registered since", () => {
    const dead = { result: "token_dead", status: 410, detail: "Unregistered" };
    expect(result(410, { reason: "Unregistered", timestamp: REGISTERED })).toEqual(dead);
    expect(result(410, { reason: "Unregistered", timestamp: REGISTERED + 1 })).toEqual(dead);
    expect(result(410, { reason: "Unregistered", timestamp: REGISTERED - 1 })).toMatchObject({
      result: "retry",
    });
  });

  it("[PUSH-P15] a success says where; a body that is no JSON, or says more than a name, is not repeated", () => {
    expect(result(200, "")).toEqual({ result: "sent", status: 200, environment: "production" });
    expect(result(400, "<html>a token</html>")).toMatchObject({
      result: "failed",
      detail: expect.not.stringContaining("token</"),
    });
    expect(result(400, { reason: "a sentence with a token" })).toMatchObject({
      detail: expect.not.stringContaining("sentence"),
    });
  });

  it("[PUSH-P16] the time of a provider token is on a half hour, the same for every clock that is right", () => {
    const at = (text: string) => issuedAt(Date.parse(`2026-11-26T${text}Z`));
    expect(at("12:00:30")).toBe(Date.parse("2026-11-26T11:30:00Z") / 1000);
    expect(at("12:01:00")).toBe(Date.parse("2026-11-26T12:00:00Z") / 1000);
    expect(at("12:30:59")).toBe(Date.parse("2026-11-26T12:00:00Z") / 1000);
    for (let minute = 0; minute < 120; minute++) {
      const now = NOW + minute * 60_000;
      const age = now / 1000 - issuedAt(now);
      expect(age).toBeGreaterThanOrEqual(60);
      expect(age).toBeLessThan(1800 + 60);
    }
  });
});

describe("errors of Web Push", () => {
  it.each<[number, string, boolean]>([
    [200, "sent", false],
    [201, "sent", false],
    [202, "sent", false],
    [204, "sent", false],
    [301, "failed", true],
    [307, "failed", true],
    [400, "failed", true],
    [401, "failed", true],
    [403, "failed", true],
    [404, "token_dead", false],
    [406, "retry", false],
    [410, "token_dead", false],
    [413, "failed", true],
    [429, "retry", false],
    [500, "retry", false],
    [503, "retry", false],
  ])("[PUSH-P17] %i is %s", (status, result, isLoud) => {
    expect(webPushResult(answer(status), NOW)).toMatchObject({ result, status });
    expectLoud(isLoud);
  });
});

describe("waiting", () => {
  it.each<[string | null, number | undefined]>([
    [null, undefined],
    ["0", 0],
    [" 30 ", 30_000],
    ["Thu, 26 Nov 2026 12:00:10 GMT", 10_000],
    ["Thu, 26 Nov 2026 11:00:00 GMT", 0],
    ["86400", 3_600_000],
    ["soon", undefined],
    ["", undefined],
  ])("[PUSH-P18] Retry-After %j is %s ms", (header, ms) => {
    expect(retryAfterMs(header, NOW)).toBe(ms);
  });

  it("[PUSH-P18] no answer is tried again, with every provider", () => {
    for (const failure of ["timeout", "network"] as const) {
      const retry = { result: "retry", status: 0, detail: failure };
      expect(fcmResult({ status: 0, failure }, NOW)).toEqual(retry);
      expect(webPushResult({ status: 0, failure }, NOW)).toEqual(retry);
      expect(apnsResult({ status: 0, failure }, "sandbox", { registered_at: 0 }, NOW)).toEqual(retry);
    }
    expectLoud(false);
  });
});
