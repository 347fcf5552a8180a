/** The credentials of the push providers, or what is missing. */
import { isLoopbackHost, type PushProvider } from "@rocket-chat-api/protocol";
import type { DeploymentSettings } from "../settings.ts";
import { jsonOf } from "./request.ts";
import { type Misconfigured, vapidCredentials } from "./vapid-key.ts";

/** Of a service account of Firebase. */
export interface FcmCredentials {
  projectId: string;
  clientEmail: string;
  keyId: string | undefined;
  /** PKCS#8 in PEM. */
  privateKey: string;
  tokenUrl: string;
  /** Of FCM, without a slash at the end. */
  baseUrl: string;
}

/** A key of an Apple team, and where it is used. */
export interface ApnsCredentials {
  /** PKCS#8 in PEM. */
  privateKey: string;
  keyId: string;
  teamId: string;
  /** The bundle id of devices that name none. */
  topic: string | undefined;
  baseUrl: Record<"sandbox" | "production", string>;
}

const FCM_URL = "https://fcm.googleapis.com";
const GOOGLE_TOKEN_URL = "https://oauth2.googleapis.com/token";
const APNS_URL = "https://api.push.apple.com";
const APNS_SANDBOX_URL = "https://api.sandbox.push.apple.com";
const PEM = /-----BEGIN PRIVATE KEY-----[\s\S]+-----END PRIVATE KEY-----/;

/** A provider's address without a slash at the end, or undefined: https, or http on this machine. */
export function addressOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isLocal = url.protocol === "http:" && isLoopbackHost(url.hostname);
  return url.protocol === "https:" || isLocal ? text.replace(/\/+$/, "") : undefined;
}

/** A key as it was in its file. Where settings have one line only, line breaks are written as `\n`. */
function pemOf(text: unknown): string | undefined {
  return typeof text === "string" ? PEM.exec(text.replaceAll("\\n", "\n"))?.[0] : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Reads `FCM_SERVICE_ACCOUNT`. */
export function fcmCredentials(env: DeploymentSettings): FcmCredentials | Misconfigured {
  const missing = "set FCM_SERVICE_ACCOUNT to the JSON file of a Firebase service account";
  if (!env.FCM_SERVICE_ACCOUNT) return { misconfigured: missing };
  const account = jsonOf(env.FCM_SERVICE_ACCOUNT);
  const [projectId, clientEmail] = [textOf(account.project_id), textOf(account.client_email)];
  const privateKey = pemOf(account.private_key);
  if (!projectId || !clientEmail || !privateKey) {
    return {
      misconfigured:
        "FCM_SERVICE_ACCOUNT is not a service account: it needs project_id, client_email and private_key",
    };
  }
  const baseUrl = addressOf(env.FCM_URL || FCM_URL);
  const tokenUrl = addressOf(textOf(account.token_uri) ?? GOOGLE_TOKEN_URL);
  if (!baseUrl) return { misconfigured: "FCM_URL is not an https URL" };
  if (!tokenUrl) return { misconfigured: "token_uri in FCM_SERVICE_ACCOUNT is not an https URL" };
  return { projectId, clientEmail, keyId: textOf(account.private_key_id), privateKey, tokenUrl, baseUrl };
}

/** Reads `APNS_KEY` and what belongs to it. */
export function apnsCredentials(env: DeploymentSettings): ApnsCredentials | Misconfigured {
  if (!env.APNS_KEY || !env.APNS_KEY_ID || !env.APNS_TEAM_ID) {
    return { misconfigured: "set APNS_KEY (the .p8 file), APNS_KEY_ID and APNS_TEAM_ID" };
  }
  const privateKey = pemOf(env.APNS_KEY);
  if (!privateKey) return { misconfigured: "APNS_KEY is not a .p8 file (PKCS#8 in PEM)" };
  const production = addressOf(env.APNS_URL || APNS_URL);
  const sandbox = addressOf(env.APNS_SANDBOX_URL || APNS_SANDBOX_URL);
  if (!production || !sandbox) return { misconfigured: "APNS_URL or APNS_SANDBOX_URL is not an https URL" };
  return {
    privateKey,
    keyId: env.APNS_KEY_ID,
    teamId: env.APNS_TEAM_ID,
    topic: textOf(env.APNS_TOPIC),
    baseUrl: { production, sandbox },
  };
}

/** Whether devices of APNs must say which app they belong to. */
export function needsAppId(env: DeploymentSettings): boolean {
  const credentials = apnsCredentials(env);
  return "topic" in credentials && credentials.topic === undefined;
}

/** Which providers can be used, and for each other one what to set. */
export interface ConfiguredProviders {
  providers: PushProvider[];
  /** For the log, and for the text of a 503. */
  missing: Partial<Record<PushProvider, string>>;
}

/** Looks at the settings alone; no provider is asked. */
export function configuredProviders(env: DeploymentSettings): ConfiguredProviders {
  const found = {
    fcm: fcmCredentials(env),
    apns: apnsCredentials(env),
    webpush: vapidCredentials(env),
  };
  const configured: ConfiguredProviders = { providers: [], missing: {} };
  for (const provider of ["fcm", "apns", "webpush"] as const) {
    const credentials = found[provider];
    if ("misconfigured" in credentials) configured.missing[provider] = credentials.misconfigured;
    else configured.providers.push(provider);
  }
  return configured;
}
