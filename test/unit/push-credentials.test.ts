import { createECDH } from "node:crypto";
import { describe, expect, it } from "vitest";
import { addressOf, configuredProviders } from "../../src/push/credentials.ts";
import { vapidCredentials, vapidPublicKey } from "../../src/push/vapid-key.ts";
import type { DeploymentSettings } from "../../src/settings.ts";

const PEM = "-----BEGIN PRIVATE KEY-----\\nMIG\\n-----END PRIVATE KEY-----\\n";
const ACCOUNT = {
  project_id: "p",
  client_email: "a@p.example.com",
  private_key: PEM.replaceAll("\\n", "\n"),
};

const pair = createECDH("prime256v1");
pair.generateKeys();
const publicKey = pair.getPublicKey("base64url");
const d = pair.getPrivateKey("base64url").padStart(43, "A");
const point = pair.getPublicKey();
const jwk = {
  ...{ kty: "EC", crv: "P-256", d },
  ...{ x: point.subarray(1, 33).toString("base64url"), y: point.subarray(33).toString("base64url") },
};

const ALL: DeploymentSettings = {
  FCM_SERVICE_ACCOUNT: JSON.stringify(ACCOUNT),
  APNS_KEY: PEM,
  APNS_KEY_ID: "ABC123DEFG",
  APNS_TEAM_ID: "DEF123GHIJ",
  VAPID_PRIVATE_KEY: d,
  VAPID_PUBLIC_KEY: publicKey,
  VAPID_SUBJECT: "mailto:push@example.com",
};

describe("credentials of providers", () => {
  it("[PUSH-P25] none are needed, and what is missing is said for each", () => {
    expect(configuredProviders(ALL)).toEqual({ providers: ["fcm", "apns", "webpush"], missing: {} });
    const none = configuredProviders({});
    expect(none.providers).toEqual([]);
    expect(none.missing.fcm).toContain("FCM_SERVICE_ACCOUNT");
    expect(none.missing.apns).toMatch(/APNS_KEY\b.*APNS_KEY_ID.*APNS_TEAM_ID/);
    expect(none.missing.webpush).toMatch(/VAPID_PRIVATE_KEY.*VAPID_SUBJECT/);
    expect(vapidPublicKey({})).toBeUndefined();
  });

  it.each<[string, "fcm" | "apns" | "webpush", DeploymentSettings]>([
    ["no JSON", "fcm", { FCM_SERVICE_ACCOUNT: "{" }],
    [
      "an account without a key",
      "fcm",
      { FCM_SERVICE_ACCOUNT: JSON.stringify({ ...ACCOUNT, private_key: "x" }) },
    ],
    [
      "an account without a project",
      "fcm",
      { FCM_SERVICE_ACCOUNT: JSON.stringify({ ...ACCOUNT, project_id: 7 }) },
    ],
    ["an address over http", "fcm", { FCM_URL: "http://fcm.example.com" }],
    [
      "a token address over http",
      "fcm",
      { FCM_SERVICE_ACCOUNT: JSON.stringify({ ...ACCOUNT, token_uri: "http://oauth.example.com" }) },
    ],
    ["no key id", "apns", { APNS_KEY_ID: "" }],
    ["a key that is no PEM", "apns", { APNS_KEY: "MIG" }],
    ["a sandbox over http", "apns", { APNS_SANDBOX_URL: "http://10.0.0.1" }],
    ["a subject that nobody can write to", "webpush", { VAPID_SUBJECT: "push@example.com" }],
    ["no public key beside 32 bytes", "webpush", { VAPID_PUBLIC_KEY: "" }],
    ["half a JWK", "webpush", { VAPID_PRIVATE_KEY: JSON.stringify({ ...jwk, y: undefined }) }],
    [
      "another pair's public key",
      "webpush",
      { VAPID_PRIVATE_KEY: JSON.stringify(jwk), VAPID_PUBLIC_KEY: `BA${publicKey.slice(2, -1)}A` },
    ],
  ])("[PUSH-P25] %s is said, without the secret", (_, provider, change) => {
    const { providers, missing } = configuredProviders({ ...ALL, ...change });
    expect(providers).not.toContain(provider);
    expect(missing[provider]).toBeDefined();
    expect(missing[provider]).not.toContain("MIG");
    expect(missing[provider]).not.toContain(d);
  });

  it("[PUSH-P25] the key of Web Push is a JWK, or its two halves", () => {
    const halves = vapidCredentials(ALL);
    const whole = vapidCredentials({
      VAPID_PRIVATE_KEY: JSON.stringify(jwk),
      VAPID_SUBJECT: "https://example.com",
    });
    expect(halves).toMatchObject({ key: jwk, publicKey });
    expect(whole).toMatchObject({ key: jwk, publicKey });
    expect(vapidPublicKey({ ...ALL, VAPID_PUBLIC_KEY: `${publicKey}=` })).toBe(publicKey);
  });

  it("[PUSH-P25] http is for this machine alone", () => {
    const addresses = [
      "https://relay.example.com/",
      "http://localhost:9",
      "http://127.0.0.1",
      "http://localhost.example.com",
      "ftp://a.example",
      "x",
    ];
    expect(addresses.map(addressOf)).toEqual([
      ...["https://relay.example.com", "http://localhost:9", "http://127.0.0.1"],
      ...[undefined, undefined, undefined],
    ]);
  });
});
