/** The settings of a deployment, and their parsers. */
import {
  type AttachmentType,
  DEFAULT_MAX_ATTACHMENT_BYTES,
  DEFAULT_MAX_GROUP_MEMBERS,
  DEFAULT_MAX_MESSAGE_LENGTH,
  DEFAULT_MAX_UPLOAD_BYTES_PER_DAY,
  DEFAULT_SERVER_AUDIENCE,
  MAX_RETENTION_DAYS,
  RATE_LIMITS,
} from "@rocket-chat-api/protocol";

/** Variables and secrets. wrangler.toml and README.md describe each. */
export interface DeploymentSettings {
  /** `off` disables rate limits, for load tests only (rule 24). */
  RATE_LIMIT_MODE?: string;
  /** HS256 secret of at least 32 bytes. Set this, `JWT_JWKS_URL` or `JWT_PUBLIC_KEY` (rule 2). */
  JWT_SECRET?: string;
  /** The URL of the identity provider's key set. */
  JWT_JWKS_URL?: string;
  /** The identity provider's public key, SPKI in PEM. */
  JWT_PUBLIC_KEY?: string;
  /** Required with `JWT_JWKS_URL`, like `JWT_AUDIENCE`: a provider's keys sign tokens of all its applications. */
  JWT_ISSUER?: string;
  JWT_AUDIENCE?: string;
  /** The audience of the app's own backend. Tokens of users never have it. */
  JWT_SERVER_AUDIENCE?: string;
  /** The claims with a user's names and photo, if they are not the usual ones. */
  JWT_USERNAME_CLAIM?: string;
  JWT_NAME_CLAIM?: string;
  JWT_PHOTO_CLAIM?: string;
  /** Derives user ids from ids that are not UUIDs. At least 32 bytes (rule 28). It must never change. */
  IDENTITY_SECRET?: string;
  /** Allowed hosts of photos, separated by commas. Empty allows all. */
  PHOTO_HOSTS?: string;
  /** Allowed web origins, separated by commas (rule 4). */
  ALLOWED_ORIGINS?: string;
  /** `true` allows every page on this machine. `npm run dev` sets it. Never set it in a deployment. */
  DEV_ALLOW_LOOPBACK_ORIGINS?: string;
  MAX_MESSAGE_LENGTH?: string;
  MAX_GROUP_MEMBERS?: string;
  /** How many people must have reported a message until it is withheld for all. Off, unless it is set (rule 29). */
  REPORTS_HIDE_AFTER?: string;
  /** Hours for which a message can be reported after it was deleted for everyone: 0 to 720 (rule 29). */
  REPORT_EVIDENCE_HOURS?: string;
  /** Days after which messages are deleted for everyone: 1 to 3650. Off, unless it is set (rule 10). */
  MESSAGE_RETENTION_DAYS?: string;
  /** `on`: a stranger's direct chat is a request until it is accepted (rule 29). */
  MESSAGE_REQUESTS?: string;
  /** Requests a minute of one server credential. The platform counts by `RATE_LIMIT_SERVER` in wrangler.toml. */
  SERVER_REQUESTS_PER_MINUTE?: string;
  MAX_IMAGE_BYTES?: string;
  MAX_VIDEO_BYTES?: string;
  MAX_AUDIO_BYTES?: string;
  MAX_FILE_BYTES?: string;
  MAX_UPLOAD_BYTES_PER_DAY?: string;
  /** The name of the bucket behind `ATTACHMENTS`. */
  R2_BUCKET?: string;
  /** The account of the R2 bucket. Or set `R2_S3_ENDPOINT` for another location. */
  R2_ACCOUNT_ID?: string;
  /** A URL, or the path of a local endpoint on the host of the request. */
  R2_S3_ENDPOINT?: string;
  R2_ACCESS_KEY_ID?: string;
  R2_SECRET_ACCESS_KEY?: string;
  /** Seconds that a push waits while another device of the user is in the foreground: 0 to 60 (rule 27). */
  PUSH_GRACE_SECONDS?: string;
  /** The JSON file of a service account that may send by FCM. A secret (docs/push.md). */
  FCM_SERVICE_ACCOUNT?: string;
  /** Stands in for `https://fcm.googleapis.com`. Like all addresses here: https, or http on this machine. */
  FCM_URL?: string;
  /** The key of APNs, PKCS#8 in PEM (a .p8 file). A secret. */
  APNS_KEY?: string;
  APNS_KEY_ID?: string;
  APNS_TEAM_ID?: string;
  /** The bundle id of devices that name none. */
  APNS_TOPIC?: string;
  /** Stands in for `https://api.push.apple.com`. */
  APNS_URL?: string;
  /** Stands in for `https://api.sandbox.push.apple.com`. */
  APNS_SANDBOX_URL?: string;
  /** The key of Web Push: a JWK, or its `d` in base64url with `VAPID_PUBLIC_KEY` beside it. A secret. */
  VAPID_PRIVATE_KEY?: string;
  /** 65 bytes in base64url. */
  VAPID_PUBLIC_KEY?: string;
  /** Whom a push service can write to: `mailto:...` or `https://...` (RFC 8292). */
  VAPID_SUBJECT?: string;
  /** More hosts of push services, separated by commas. `*`: every public host. */
  WEB_PUSH_HOSTS?: string;
  /** DNS over HTTPS, for `WEB_PUSH_HOSTS = "*"`. Stands in for `https://cloudflare-dns.com/dns-query`. */
  PUSH_DNS_URL?: string;
  /** What a notification opens: an address with `{conversation_id}` and `{message_id}`. */
  PUSH_OPEN_URL?: string;
}

/** Parses a positive whole number, or returns the default. */
function setting(value: string | undefined, fallback: number): number {
  const number = Number(value);
  return Number.isInteger(number) && number > 0 ? number : fallback;
}

/** Limits of messages and groups that an operator can change. */
export interface MessageLimits {
  /** In code points. */
  maxMessageLength: number;
  maxGroupMembers: number;
  /** How long a message can be reported after it was deleted for everyone, in milliseconds; 0 keeps nothing (rule 29). */
  evidenceMs: number;
  /** Days for which messages are kept; undefined if for ever (rule 10). */
  retentionDays: number | undefined;
}

/** Reads the limits of this deployment. */
export function limitsOf(env: DeploymentSettings): MessageLimits {
  return {
    maxMessageLength: setting(env.MAX_MESSAGE_LENGTH, DEFAULT_MAX_MESSAGE_LENGTH),
    maxGroupMembers: setting(env.MAX_GROUP_MEMBERS, DEFAULT_MAX_GROUP_MEMBERS),
    evidenceMs: evidenceMs(env),
    retentionDays: retentionDays(env),
  };
}

/** Days for which messages are kept; undefined, the default, if for ever. What is no number of days deletes nothing. */
export function retentionDays({ MESSAGE_RETENTION_DAYS: text }: DeploymentSettings): number | undefined {
  const days = Number(text);
  return Number.isInteger(days) && days >= 1 && days <= MAX_RETENTION_DAYS ? days : undefined;
}

/** Hours for which deleted messages can be reported, unless `REPORT_EVIDENCE_HOURS` says otherwise. */
const DEFAULT_EVIDENCE_HOURS = 24;
const MAX_EVIDENCE_HOURS = 720;
const HOUR_MS = 3_600_000;

function evidenceMs({ REPORT_EVIDENCE_HOURS: text }: DeploymentSettings): number {
  const hours = text === undefined || text.trim() === "" ? DEFAULT_EVIDENCE_HOURS : Number(text);
  const isValid = Number.isInteger(hours) && hours >= 0 && hours <= MAX_EVIDENCE_HOURS;
  return HOUR_MS * (isValid ? hours : DEFAULT_EVIDENCE_HOURS);
}

/** How many people must have reported a message until it is withheld; undefined, the default: however many (rule 29). */
export function reportsHideAfter({ REPORTS_HIDE_AFTER: text }: DeploymentSettings): number | undefined {
  const number = Number(text);
  return Number.isInteger(number) && number > 0 ? number : undefined;
}

/** The audience of the app's backend, which user tokens must not have. */
export function serverAudience(env: DeploymentSettings): string {
  return env.JWT_SERVER_AUDIENCE || DEFAULT_SERVER_AUDIENCE;
}

/** Requests a minute of one server credential (rule 28). */
export function serverRequestsPerMinute(env: DeploymentSettings): number {
  return setting(env.SERVER_REQUESTS_PER_MINUTE, RATE_LIMITS.server.limit);
}

/** Allowed hosts of photos: exact names, or with a wildcard as the first label. Empty allows all. */
export function photoHosts(env: DeploymentSettings): string[] {
  return (env.PHOTO_HOSTS ?? "").split(",").flatMap((entry) => entry.trim().toLowerCase() || []);
}

/** Whether a stranger's direct chat is a request until it is accepted (rule 29). */
export function hasMessageRequests(env: DeploymentSettings): boolean {
  return env.MESSAGE_REQUESTS === "on";
}

/** Maximum bytes of an attachment, by type. */
export function attachmentLimits(env: DeploymentSettings): Record<AttachmentType, number> {
  const defaults = DEFAULT_MAX_ATTACHMENT_BYTES;
  return {
    image: setting(env.MAX_IMAGE_BYTES, defaults.image),
    video: setting(env.MAX_VIDEO_BYTES, defaults.video),
    audio: setting(env.MAX_AUDIO_BYTES, defaults.audio),
    file: setting(env.MAX_FILE_BYTES, defaults.file),
  };
}

/** Maximum bytes that a user may upload in a day. */
export function maxUploadBytesPerDay(env: DeploymentSettings): number {
  return setting(env.MAX_UPLOAD_BYTES_PER_DAY, DEFAULT_MAX_UPLOAD_BYTES_PER_DAY);
}

/** Seconds that a push waits while another device of the user is in the foreground, unless `PUSH_GRACE_SECONDS` says otherwise. */
const DEFAULT_PUSH_GRACE_SECONDS = 5;
const MAX_PUSH_GRACE_SECONDS = 60;

/** Milliseconds that a push waits while another device is in the foreground: 0 to a minute. */
export function pushGraceMs(env: DeploymentSettings): number {
  const seconds = Number(env.PUSH_GRACE_SECONDS ?? DEFAULT_PUSH_GRACE_SECONDS);
  const isValid = Number.isInteger(seconds) && seconds >= 0 && seconds <= MAX_PUSH_GRACE_SECONDS;
  return 1000 * (isValid ? seconds : DEFAULT_PUSH_GRACE_SECONDS);
}

/** Where uploads are stored, and the key that signs them. */
export interface StorageSettings {
  /** A URL, or a path on the host of the request. */
  endpoint: string;
  bucket: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/** The storage settings, or a sentence for the log that says what is missing. There are no defaults. */
export function storageSettings(env: DeploymentSettings): StorageSettings | { misconfigured: string } {
  const endpoint =
    env.R2_S3_ENDPOINT ||
    (env.R2_ACCOUNT_ID ? `https://${env.R2_ACCOUNT_ID}.r2.cloudflarestorage.com` : undefined);
  if (!endpoint) return { misconfigured: "neither R2_ACCOUNT_ID nor R2_S3_ENDPOINT is set" };
  if (!env.R2_BUCKET) return { misconfigured: "R2_BUCKET is not set" };
  if (!env.R2_ACCESS_KEY_ID || !env.R2_SECRET_ACCESS_KEY) {
    return { misconfigured: "R2_ACCESS_KEY_ID and R2_SECRET_ACCESS_KEY are not both set" };
  }
  const { R2_BUCKET: bucket, R2_ACCESS_KEY_ID: accessKeyId, R2_SECRET_ACCESS_KEY: secretAccessKey } = env;
  return { endpoint, bucket, accessKeyId, secretAccessKey };
}
