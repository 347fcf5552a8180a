/** What must be refused about devices and push preferences. */
import { type Bad, withBodies, withEnds } from "./bad-kit.ts";

const TOKEN = "ab".repeat(32);
const KEYS = { p256dh: "B".repeat(87), auth: "A".repeat(22) };
const PHONE = { platform: "ios", provider: "apns", app_id: "com.example.chat", token: TOKEN };
const BROWSER = {
  platform: "web",
  provider: "webpush",
  subscription: { endpoint: "https://fcm.googleapis.com/fcm/send/x", keys: KEYS },
};

const ENDPOINTS = [
  "",
  "not a url",
  "http://fcm.googleapis.com/x",
  "https://localhost/x",
  "https://127.0.0.1/x",
  "https://0x7f.1/x",
  "https://2130706433/x",
  "https://[::1]/x",
  "https://[::ffff:10.0.0.1]/x",
  "https://169.254.169.254/latest",
  "https://10.1.2.3/x",
  "https://example.com/x",
  "https://fcm.googleapis.com:8443/x",
  "https://fcm.googleapis.com.example.com/x",
  "https://user@fcm.googleapis.com/x",
  "javascript:alert(1)",
  `https://fcm.googleapis.com/${"x".repeat(3_000)}`,
];

const DEVICES: unknown[] = [
  {},
  { ...PHONE, platform: "windows" },
  { ...PHONE, provider: "pigeon" },
  { ...PHONE, platform: "android" },
  { ...PHONE, token: undefined },
  { ...PHONE, token: 1 },
  { ...PHONE, token: "" },
  { ...PHONE, token: "a b" },
  { ...PHONE, token: `${TOKEN}x` },
  { ...PHONE, token: `${TOKEN}a` },
  { ...PHONE, token: "dGhlIGJ5dGVzIGFzIGJhc2U2NA==" },
  { ...PHONE, token: `<${TOKEN}>` },
  { ...PHONE, token: "ü" },
  { ...PHONE, token: "x".repeat(4_097) },
  { ...PHONE, subscription: BROWSER.subscription },
  { ...PHONE, environment: "staging" },
  { ...PHONE, locale: "no locale at all" },
  { ...PHONE, app_id: "x".repeat(156) },
  { ...PHONE, preview: "encrypted" },
  { ...PHONE, preview: "encrypted", push_keys: { ...KEYS, p256dh: "AAAA" } },
  { ...PHONE, preview: "loud" },
  { ...BROWSER, subscription: undefined },
  { ...BROWSER, token: TOKEN },
  { ...BROWSER, subscription: { ...BROWSER.subscription, keys: { ...KEYS, auth: "x" } } },
  { ...BROWSER, subscription: { ...BROWSER.subscription, keys: undefined } },
  { ...BROWSER, subscription: { ...BROWSER.subscription, expirationTime: "soon" } },
  ...ENDPOINTS.map((endpoint) => ({ ...BROWSER, subscription: { ...BROWSER.subscription, endpoint } })),
];

const NIGHT = { days: ["mon"], from: "22:00", to: "07:00" };
const PREFERENCES: unknown[] = [
  {},
  { level: "some" },
  { level: null },
  { preview: "loud" },
  { timezone: "Mars/Olympus" },
  { timezone: "x".repeat(65) },
  { snooze_until: "tomorrow" },
  { do_not_disturb: "always" },
  { do_not_disturb: [{}] },
  { do_not_disturb: [{ ...NIGHT, days: [] }] },
  { do_not_disturb: [{ ...NIGHT, days: ["someday"] }] },
  { do_not_disturb: [{ ...NIGHT, from: "24:00" }] },
  { do_not_disturb: [{ ...NIGHT, to: "7:00" }] },
  { do_not_disturb: Array.from({ length: 21 }, () => NIGHT) },
];

const NO_DEVICE = ["%20", "a%20b", "x".repeat(65), "%00", "..%2f..", "a/b/c".replaceAll("/", "%2f")];

export const push: Bad[] = [
  ...withBodies("PUT", "/devices/phone", "VALIDATION_ERROR", DEVICES),
  ...withBodies("POST", "/devices", "VALIDATION_ERROR", DEVICES.slice(0, 8)),
  ...withBodies("PATCH", "/push-preferences", "VALIDATION_ERROR", PREFERENCES),
  ...withBodies("PATCH", "/conversations/:group/preferences", "VALIDATION_ERROR", [
    { push_level: "some" },
    { push_level: 1 },
  ]),
  ...withEnds("PUT", "/devices/", "VALIDATION_ERROR", NO_DEVICE, PHONE),
  ...["", "/test", "/log"].flatMap((end): Bad[] => {
    const method = { "": "DELETE", "/test": "POST", "/log": "GET" }[end] ?? "GET";
    return [
      [method, `/devices/unknown${end}`, undefined, "NOT_FOUND"],
      [method, `/devices/${"x".repeat(65)}${end}`, undefined, "VALIDATION_ERROR"],
    ];
  }),
];
