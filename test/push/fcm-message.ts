/** What FCM HTTP v1 takes as a message. Its parser refuses every name that it does not know, and so does this. */
import type { Received } from "./listen.ts";

/** "Message too big", in Google's list of errors: the keys and values of the payload. */
const MAX_PAYLOAD_BYTES = 4096;
/** "Invalid data key": names that FCM keeps to itself. */
const RESERVED = /^(?:from|message_type|collapse_key|google.*|gcm.*)$/;
const DURATION = /^\d+(?:\.\d{1,9})?s$/;

const FIELDS: Record<string, readonly string[]> = {
  message: ["token", "data", "notification", "android", "webpush", "apns", "fcm_options"],
  notification: ["title", "body", "image"],
  android: [
    "collapse_key",
    "priority",
    "ttl",
    "restricted_package_name",
    "data",
    "notification",
    "direct_boot_ok",
  ],
  android_notification: [
    ...["title", "body", "icon", "color", "sound", "tag", "click_action", "body_loc_key", "body_loc_args"],
    ...["title_loc_key", "title_loc_args", "channel_id", "ticker", "sticky", "event_time", "local_only"],
    ...["notification_priority", "default_sound", "default_vibrate_timings", "default_light_settings"],
    ...["vibrate_timings", "visibility", "notification_count", "light_settings", "image", "proxy"],
  ],
  webpush: ["headers", "data", "notification", "fcm_options"],
  apns: ["headers", "payload", "fcm_options"],
};

type Values = Record<string, unknown>;

function isObject(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The message of a request, its token, and what FCM would refuse. */
export function checkMessage(
  request: Received,
  project: string,
): { payload: unknown; token: string; problems: string[] } {
  const problems: string[] = [];
  if (request.method !== "POST") problems.push("the method is not POST");
  if (request.url.pathname !== `/v1/projects/${project}/messages:send`) problems.push("the path is not send");
  if (!/^application\/json\b/.test(request.headers["content-type"] ?? ""))
    problems.push("the type is not JSON");
  const body = parsed(request.body);
  const message = isObject(body) ? body.message : undefined;
  if (!isObject(body) || !isObject(message)) return { payload: body, token: "", problems: ["no message"] };
  const other = Object.keys(body).filter((key) => key !== "message" && key !== "validate_only");
  problems.push(...other.map((key) => `unknown name ${key}`), ...problemsOfMessage(message));
  const token = typeof message.token === "string" ? message.token : "";
  if (!/^[\w:-]{10,4096}$/.test(token)) problems.push("the token is not one");
  return { payload: body, token, problems };
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    return null;
  }
}

function problemsOfMessage(message: Values): string[] {
  const { android, apns, webpush, notification, data } = message;
  const shown = isObject(android) ? android.notification : undefined;
  return [
    ...unknownNames("message", message),
    ...unknownNames("notification", notification),
    ...unknownNames("android", android),
    ...unknownNames("android_notification", shown),
    ...unknownNames("apns", apns),
    ...unknownNames("webpush", webpush),
    ...[data, isObject(android) ? android.data : undefined].flatMap(problemsOfData),
    ...(isObject(android) ? problemsOfAndroid(android) : []),
    ...(isObject(webpush) ? problemsOfWebpush(webpush) : []),
    ...(sizeOf(message) > MAX_PAYLOAD_BYTES ? ["message is too big"] : []),
  ];
}

function unknownNames(kind: string, value: unknown): string[] {
  if (value === undefined) return [];
  if (!isObject(value)) return [`${kind} is no object`];
  return Object.keys(value)
    .filter((key) => !FIELDS[kind]?.includes(key))
    .map((key) => `unknown name ${key} in ${kind}`);
}

function problemsOfData(data: unknown): string[] {
  if (data === undefined) return [];
  if (!isObject(data)) return ["data is no object"];
  return Object.entries(data).flatMap(([key, value]) => [
    ...(typeof value === "string" ? [] : [`data.${key} is no string`]),
    ...(RESERVED.test(key) ? [`data.${key} is a reserved name`] : []),
  ]);
}

function problemsOfAndroid({ priority, ttl, notification }: Values): string[] {
  const count = isObject(notification) ? notification.notification_count : undefined;
  return [
    ...(priority === undefined || ["HIGH", "NORMAL"].includes(String(priority)) ? [] : ["android.priority"]),
    ...(ttl === undefined || DURATION.test(String(ttl)) ? [] : ["android.ttl is no duration"]),
    ...(count === undefined || Number.isInteger(count) ? [] : ["notification_count is no number"]),
  ];
}

function problemsOfWebpush({ headers }: Values): string[] {
  const values = isObject(headers) ? Object.entries(headers) : [];
  return values.filter(([, value]) => typeof value !== "string").map(([key]) => `webpush.headers.${key}`);
}

/** Bytes of the names and values that travel to the device. */
function sizeOf(value: unknown): number {
  if (!isObject(value)) return Buffer.byteLength(String(value));
  const entries = Object.entries(value).filter(
    ([key]) => key !== "token" && key !== "ttl" && key !== "priority",
  );
  return entries.reduce((sum, [key, one]) => sum + Buffer.byteLength(key) + sizeOf(one), 0);
}
