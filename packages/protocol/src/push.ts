/** Devices that get push notifications (rule 27). */
import { z } from "zod";
import { boundedText, optional, Timestamp } from "./common.ts";
import { MAX_APP_ID_LENGTH, MAX_PUSH_TOKEN_LENGTH, MAX_URL_LENGTH, MIN_VAPID_KEY_LENGTH } from "./limits.ts";
import { PushPreview } from "./push-preferences.ts";
import { Uuid } from "./uuid.ts";

/** An id that the app gives its installation, or that `POST /devices` makes. */
export const DeviceId = z
  .string()
  .regex(/^[A-Za-z0-9._:-]{1,64}$/, "must have 1 to 64 letters, digits, or . _ : -")
  .meta({ description: "The id of this installation of the app: keep it on the device." });

export const DeviceParams = z.object({ device_id: DeviceId });

export const PushPlatform = z.enum(["android", "ios", "web"]);
export type PushPlatform = z.infer<typeof PushPlatform>;

export const PushProvider = z.enum(["fcm", "apns", "webpush"]);
export type PushProvider = z.infer<typeof PushProvider>;

/** Bytes as unpadded base64url, as browsers give keys. */
const base64url = (bytes: number, what: string) =>
  z
    .string()
    .max(2 * bytes)
    .regex(/^[A-Za-z0-9_-]+={0,2}$/, "must be base64url")
    .refine((text) => Math.floor((text.replace(/=+$/, "").length * 3) / 4) === bytes, `must be ${what}`);

/** The keys of a device or a browser to encrypt for (RFC 8291, section 3.1). */
export const PushKeys = z
  .object({
    p256dh: base64url(65, "a P-256 public key, uncompressed: 65 bytes"),
    auth: base64url(16, "16 bytes"),
  })
  .meta({ id: "PushKeys" });
export type PushKeys = z.infer<typeof PushKeys>;

/** The last millisecond that a date can have (ECMA-262, section 21.4.1.1). */
const MAX_TIME = 8.64e15;

/** `PushSubscription.toJSON()` of a browser. */
export const PushSubscriptionBody = z
  .object({
    endpoint: z
      .url({ protocol: /^https?$/ })
      .max(MAX_URL_LENGTH)
      .meta({
        description: "The address that the browser gave. Only https, and only hosts of known push services.",
      }),
    expirationTime: z.number().min(0).max(MAX_TIME).nullable().optional(),
    keys: PushKeys,
  })
  .meta({ id: "PushSubscription" });
export type PushSubscriptionBody = z.infer<typeof PushSubscriptionBody>;

/** A BCP 47 language tag. */
const Locale = z
  .string()
  .regex(/^[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8}){0,4}$/, "must be a language tag")
  .max(35);

const deviceBody = z.object({
  platform: PushPlatform,
  provider: PushProvider,
  app_id: optional(
    boundedText(1, MAX_APP_ID_LENGTH).meta({
      description:
        "The bundle id or package name, if this deployment serves several apps. For APNs it must be there, unless the deployment has one.",
    }),
  ),
  token: optional(
    z
      .string()
      .regex(/^[\x21-\x7e]+$/, "must be printable ASCII")
      .max(MAX_PUSH_TOKEN_LENGTH)
      .meta({ description: "The token of FCM, or of APNs in hexadecimal digits." }),
  ),
  subscription: optional(PushSubscriptionBody),
  environment: optional(z.enum(["sandbox", "production"])).meta({
    description: "Of APNs: where the token is valid. Left out, it is found out.",
  }),
  locale: optional(Locale),
  preview: optional(PushPreview).meta({
    description: "Of this device. Left out, the user's own preference.",
  }),
  push_keys: optional(PushKeys).meta({
    description: "Needed for the preview `encrypted` with FCM and APNs.",
  }),
});

/** Bytes, whose number Apple does not fix ("Registering your app with APNs"). Apps get them as `Data`, and write them out. */
const APNS_TOKEN = /^(?:[0-9A-Fa-f]{2})+$/;

/** The platforms that a provider reaches. */
const REACHES: Record<PushProvider, readonly PushPlatform[]> = {
  fcm: ["android", "ios", "web"],
  apns: ["ios"],
  webpush: ["web", "android", "ios"],
};

/** What `PUT /devices/:device_id` takes: a whole device. */
export const RegisterDevice = deviceBody
  .refine(({ provider, token }) => (provider === "webpush") === (token === undefined), {
    path: ["token"],
    error: "must be there for fcm and apns, and only there",
  })
  .refine(({ provider, token = "" }) => provider !== "apns" || APNS_TOKEN.test(token), {
    path: ["token"],
    error: "must be hexadecimal for apns, two digits for each byte",
  })
  .refine(({ provider, subscription }) => (provider === "webpush") === (subscription !== undefined), {
    path: ["subscription"],
    error: "must be there for webpush, and only there",
  })
  .refine(({ provider, platform }) => REACHES[provider].includes(platform), {
    path: ["provider"],
    error: "does not reach this platform",
  })
  .refine(
    ({ preview, push_keys, provider }) =>
      preview !== "encrypted" || provider === "webpush" || push_keys !== undefined,
    { path: ["push_keys"], error: "must be there for the preview `encrypted`" },
  )
  .meta({ id: "RegisterDevice" });
export type RegisterDevice = z.infer<typeof RegisterDevice>;

/** A device as its user sees it. Its token is shown to nobody. */
export const Device = z
  .strictObject({
    device_id: DeviceId,
    platform: PushPlatform,
    provider: PushProvider,
    app_id: z.string().nullable(),
    environment: z.enum(["sandbox", "production"]).nullable(),
    locale: z.string().nullable(),
    preview: PushPreview.nullable().meta({ description: "Null: the user's own preference." }),
    is_active: z.boolean().meta({ description: "False after the provider said that the token is dead." }),
    registered_at: Timestamp,
    last_pushed_at: Timestamp.nullable(),
  })
  .meta({ id: "Device" });
export type Device = z.infer<typeof Device>;

export const DeviceList = z.strictObject({ devices: z.array(Device) }).meta({ id: "DeviceList" });

/** Why a notification was not sent. A closed list. */
export const PushSkip = z.enum([
  "own",
  "no_device",
  "muted",
  "level",
  "do_not_disturb",
  "on_screen",
  "active_elsewhere",
  "already_read",
  "blocked",
  "requested",
  "expired",
  "token_dead",
  "provider_down",
]);
export type PushSkip = z.infer<typeof PushSkip>;

/** What a notification is about. */
export const PushKind = z.enum(["message", "mention", "added", "request", "edited", "clear", "test"]);
export type PushKind = z.infer<typeof PushKind>;

/** One decision about one device. */
export const PushLogEntry = z
  .strictObject({
    at: Timestamp,
    kind: PushKind,
    conversation_id: Uuid.nullable(),
    message_id: Uuid.nullable(),
    decision: z.enum(["sent", "wait", "retry", "skip", "failed"]).meta({
      description:
        "`failed`: the provider refused what we sent, or our credentials; `detail` says what an operator must know.",
    }),
    reason: PushSkip.nullable().meta({ description: "Of `skip`." }),
    wait_ms: z.int().nullable().meta({ description: "Of `wait` and `retry`." }),
    provider_status: z.int().nullable(),
    detail: z.string().nullable(),
  })
  .meta({ id: "PushLogEntry" });
export type PushLogEntry = z.infer<typeof PushLogEntry>;

export const PushLog = z
  .strictObject({ entries: z.array(PushLogEntry).meta({ description: "The last 50, newest first." }) })
  .meta({ id: "PushLog" });

/** What came of a test send. */
export const PushTest = z
  .strictObject({
    result: z.enum(["sent", "token_dead", "retry", "failed"]),
    provider_status: z.int().nullable(),
    detail: z.string().nullable(),
  })
  .meta({ id: "PushTest" });
export type PushTest = z.infer<typeof PushTest>;

export const VapidKey = z
  .strictObject({
    public_key: z
      .string()
      .min(MIN_VAPID_KEY_LENGTH)
      .meta({ description: "base64url: `applicationServerKey`." }),
  })
  .meta({ id: "VapidKey" });

/** Which message to look at: one of a user's conversations. */
export const CheckPush = z.object({ user: Uuid, message_id: Uuid }).meta({ id: "CheckPush" });

/** A push as its provider would get it, without tokens and encryption; null if there is none. */
const Payload = z.record(z.string(), z.unknown()).nullable();

/** What would be pushed for a message. Nothing is sent. */
export const PushCheck = z
  .strictObject({
    decisions: z
      .array(
        z.strictObject({
          device_id: z.string().nullable().meta({ description: "Null: the user has no device." }),
          decision: z.enum(["send", "wait", "skip"]),
          reason: PushSkip.nullable(),
          wait_ms: z.int().nullable(),
        }),
      )
      .meta({ description: "One for each device." }),
    payloads: z.strictObject({ fcm: Payload, apns: Payload, webpush: Payload }),
  })
  .meta({ id: "PushCheck" });
export type PushCheck = z.infer<typeof PushCheck>;
