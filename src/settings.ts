/** The settings of a deployment, and what is made of them. */
import {
  type AttachmentType,
  DEFAULT_MAX_ATTACHMENT_BYTES,
  DEFAULT_MAX_GROUP_MEMBERS,
  DEFAULT_MAX_MESSAGE_LENGTH,
  DEFAULT_MAX_UPLOAD_BYTES_PER_DAY,
} from "@rocket-chat-api/protocol";

/** The variables and secrets of a deployment: wrangler.toml and README.md say what each is for. */
export interface DeploymentSettings {
  /** `off` counts nobody, for load tests only (rule 24). */
  RATE_LIMIT_MODE?: string;
  /** HS256 secret of at least 32 bytes. One of this, `JWT_JWKS_URL` and `JWT_PUBLIC_KEY` must be set (rule 2). */
  JWT_SECRET?: string;
  /** Where the identity provider publishes its keys. */
  JWT_JWKS_URL?: string;
  /** The identity provider's public key, SPKI in PEM. */
  JWT_PUBLIC_KEY?: string;
  /** Required with `JWT_JWKS_URL`, as is `JWT_AUDIENCE`: the keys of a provider sign for all of its applications. */
  JWT_ISSUER?: string;
  JWT_AUDIENCE?: string;
  /** The audience of the app's own backend; no user's token has it. */
  JWT_SERVER_AUDIENCE?: string;
  /** The claims that hold a user's names and photo, where they are not the usual ones. */
  JWT_USERNAME_CLAIM?: string;
  JWT_NAME_CLAIM?: string;
  JWT_PHOTO_CLAIM?: string;
  /** Makes user ids of ids that are no UUIDs, at least 32 bytes (rule 28). It can never change. */
  IDENTITY_SECRET?: string;
  /** Hosts that pictures of users and groups may be on, separated by commas; all if empty. */
  PHOTO_HOSTS?: string;
  /** Origins of browsers that may connect, separated by commas (rule 4). */
  ALLOWED_ORIGINS?: string;
  /** `true` allows every page on this machine. `npm run dev` sets it; a deployment never does. */
  DEV_ALLOW_LOOPBACK_ORIGINS?: string;
  MAX_MESSAGE_LENGTH?: string;
  MAX_GROUP_MEMBERS?: string;
  MAX_IMAGE_BYTES?: string;
  MAX_VIDEO_BYTES?: string;
  MAX_AUDIO_BYTES?: string;
  MAX_FILE_BYTES?: string;
  MAX_UPLOAD_BYTES_PER_DAY?: string;
  /** The bucket behind `ATTACHMENTS`, by its name. */
  R2_BUCKET?: string;
  /** The account whose R2 takes uploads; or `R2_S3_ENDPOINT`, where it is elsewhere. */
  R2_ACCOUNT_ID?: string;
  /** A URL, or the path of a local endpoint on the host that the client has reached. */
  R2_S3_ENDPOINT?: string;
  R2_ACCESS_KEY_ID?: string;
  R2_SECRET_ACCESS_KEY?: string;
}

/** A setting that is a positive whole number, or its default. */
function setting(value: string | undefined, fallback: number): number {
  const number = Number(value);
  return Number.isInteger(number) && number > 0 ? number : fallback;
}

/** Limits of messages and groups that an operator may change. */
export interface MessageLimits {
  /** Code points of a message. */
  maxMessageLength: number;
  maxGroupMembers: number;
}

/** The limits of this deployment. */
export function limitsOf(env: DeploymentSettings): MessageLimits {
  return {
    maxMessageLength: setting(env.MAX_MESSAGE_LENGTH, DEFAULT_MAX_MESSAGE_LENGTH),
    maxGroupMembers: setting(env.MAX_GROUP_MEMBERS, DEFAULT_MAX_GROUP_MEMBERS),
  };
}

/** What a token of the app's own backend is for, unless `JWT_SERVER_AUDIENCE` says otherwise (rule 28). */
const DEFAULT_SERVER_AUDIENCE = "rocket-chat:server";

/** The audience that no user's token may have. */
export function serverAudience(env: DeploymentSettings): string {
  return env.JWT_SERVER_AUDIENCE || DEFAULT_SERVER_AUDIENCE;
}

/** Hosts that pictures may be on, each exact or with a wildcard as its first label; none means all. */
export function photoHosts(env: DeploymentSettings): string[] {
  return (env.PHOTO_HOSTS ?? "").split(",").flatMap((entry) => entry.trim().toLowerCase() || []);
}

/** Bytes that an attachment of each type may have. */
export function attachmentLimits(env: DeploymentSettings): Record<AttachmentType, number> {
  const defaults = DEFAULT_MAX_ATTACHMENT_BYTES;
  return {
    image: setting(env.MAX_IMAGE_BYTES, defaults.image),
    video: setting(env.MAX_VIDEO_BYTES, defaults.video),
    audio: setting(env.MAX_AUDIO_BYTES, defaults.audio),
    file: setting(env.MAX_FILE_BYTES, defaults.file),
  };
}

/** Bytes that a user may upload in a day. */
export function maxUploadBytesPerDay(env: DeploymentSettings): number {
  return setting(env.MAX_UPLOAD_BYTES_PER_DAY, DEFAULT_MAX_UPLOAD_BYTES_PER_DAY);
}

/** Where and with which key uploads are signed. */
export interface StorageSettings {
  /** A URL, or a path on the host that the client has reached. */
  endpoint: string;
  bucket: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/** The settings of the storage, or a sentence for the log that says what is missing. There are no defaults. */
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
