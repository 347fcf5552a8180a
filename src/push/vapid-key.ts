/** The key pair of Web Push (RFC 8292, "VAPID"), from the settings. */
import type { DeploymentSettings } from "../settings.ts";
import { jsonOf } from "./request.ts";

/** A sentence for an operator, without secrets. */
export interface Misconfigured {
  misconfigured: string;
}

/** The key pair that names this service to push services. */
export interface VapidCredentials {
  /** A private key of P-256. */
  key: { kty: "EC"; crv: "P-256"; x: string; y: string; d: string };
  /** 65 bytes in base64url, as browsers take it. */
  publicKey: string;
  subject: string;
}

/** Reads `VAPID_PRIVATE_KEY` and what belongs to it. */
export function vapidCredentials(env: DeploymentSettings): VapidCredentials | Misconfigured {
  if (!env.VAPID_PRIVATE_KEY || !env.VAPID_SUBJECT) {
    return { misconfigured: "set VAPID_PRIVATE_KEY (`npm run vapid-keys` makes one) and VAPID_SUBJECT" };
  }
  if (!/^(?:mailto:[^@\s]+@[^@\s]+|https:\/\/\S+)$/.test(env.VAPID_SUBJECT)) {
    return { misconfigured: "VAPID_SUBJECT is neither mailto:<address> nor an https URL" };
  }
  const key = vapidKey(env.VAPID_PRIVATE_KEY, env.VAPID_PUBLIC_KEY);
  if (!key) {
    return {
      misconfigured:
        "VAPID_PRIVATE_KEY is neither a JWK of P-256 nor 32 bytes in base64url with VAPID_PUBLIC_KEY beside it",
    };
  }
  const publicKey = publicKeyOf(key);
  if (env.VAPID_PUBLIC_KEY && unpadded(env.VAPID_PUBLIC_KEY) !== publicKey) {
    return { misconfigured: "VAPID_PUBLIC_KEY does not belong to VAPID_PRIVATE_KEY" };
  }
  return { key, publicKey, subject: env.VAPID_SUBJECT };
}

function unpadded(text: string): string {
  return text.trim().replace(/=+$/, "").replaceAll("+", "-").replaceAll("/", "_");
}

function vapidKey(secret: string, publicKey: string | undefined): VapidCredentials["key"] | undefined {
  const jwk = jsonOf(secret);
  const point = publicKey === undefined ? undefined : coordinates(unpadded(publicKey));
  const { x, y, d } = secret.trim().startsWith("{") ? jwk : { ...point, d: unpadded(secret) };
  const parts = [x, y, d];
  // 32 bytes each.
  if (!parts.every((part) => typeof part === "string" && /^[A-Za-z0-9_-]{43}$/.test(part))) return undefined;
  return { kty: "EC", crv: "P-256", x: String(x), y: String(y), d: String(d) };
}

function bytes(text: string): string {
  return atob(text.replaceAll("-", "+").replaceAll("_", "/"));
}

function base64url(binary: string): string {
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** The two halves of a point: 4, x, y. */
function coordinates(publicKey: string): { x: string; y: string } | undefined {
  if (!/^[A-Za-z0-9_-]{87}$/.test(publicKey)) return undefined;
  const point = bytes(publicKey);
  return { x: base64url(point.slice(1, 33)), y: base64url(point.slice(33)) };
}

function publicKeyOf({ x, y }: { x: string; y: string }): string {
  return base64url(`\x04${bytes(x)}${bytes(y)}`);
}

/** The key that browsers subscribe with (`applicationServerKey`), or undefined if Web Push is not configured. */
export function vapidPublicKey(env: DeploymentSettings): string | undefined {
  const credentials = vapidCredentials(env);
  return "misconfigured" in credentials ? undefined : credentials.publicKey;
}
