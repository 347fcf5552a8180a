/** Access tokens for FCM: a service account signs an assertion, and Google gives a token for it (RFC 7523). */
import { importPKCS8, SignJWT } from "jose";
import type { EpochMs } from "../domain/time.ts";
import type { FcmCredentials } from "./credentials.ts";
import type { PushResult } from "./notification.ts";
import { ask, jsonOf } from "./request.ts";
import { isTemporary, reasonOf, refused, retry } from "./verdict.ts";

const GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const SCOPE = "https://www.googleapis.com/auth/firebase.messaging";
/** An assertion counts for an hour at most. */
const ASSERTION_S = 3600;
/** A token is not used in its last minute. */
const MARGIN_MS = 60_000;
/** How long a request waits for a token that another one has asked for, which may have been cancelled. */
const MAX_WAIT_MS = 3000;

interface Token {
  token: string;
  ends: EpochMs;
}

type Outcome = Token | PushResult;

/** Of this isolate, by service account. */
const known = new Map<string, Token>();
/** Requests to Google that are under way: one for each account. */
const asked = new Map<string, Promise<Outcome>>();

function keyOf({ clientEmail, tokenUrl, privateKey }: FcmCredentials): string {
  return `${tokenUrl} ${clientEmail} ${privateKey}`;
}

/**
 * A token that counts, from memory or from Google.
 * @returns the token, or why there is none.
 */
export async function accessToken(
  credentials: FcmCredentials,
  now: EpochMs,
  signal: AbortSignal,
): Promise<string | PushResult> {
  const key = keyOf(credentials);
  const token = known.get(key);
  if (token && token.ends > now) return token.token;
  const underWay = asked.get(key);
  const outcome =
    (underWay && (await settledIn(underWay, MAX_WAIT_MS))) ?? (await fetchOnce(credentials, now, signal));
  return "token" in outcome ? outcome.token : outcome;
}

/** Drops a token that FCM has refused, unless there is a newer one. */
export function discardToken(credentials: FcmCredentials, token: string): void {
  const key = keyOf(credentials);
  if (known.get(key)?.token === token) known.delete(key);
}

async function settledIn<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), ms);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function fetchOnce(credentials: FcmCredentials, now: EpochMs, signal: AbortSignal): Promise<Outcome> {
  const key = keyOf(credentials);
  const promise = fetchToken(credentials, now, signal);
  asked.set(key, promise);
  try {
    const outcome = await promise;
    if ("token" in outcome) known.set(key, outcome);
    return outcome;
  } finally {
    if (asked.get(key) === promise) asked.delete(key);
  }
}

async function fetchToken(credentials: FcmCredentials, now: EpochMs, signal: AbortSignal): Promise<Outcome> {
  const assertion = await sign(credentials, Math.floor(now / 1000));
  if (assertion === undefined) {
    return refused("fcm", 0, "private_key in FCM_SERVICE_ACCOUNT is not an RSA key");
  }
  const body = new URLSearchParams({ grant_type: GRANT, assertion }).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const answer = await ask(credentials.tokenUrl, { method: "POST", headers, body }, signal);
  if ("failure" in answer || isTemporary(answer.status)) return retry(answer, now, "no access token");
  const { access_token, expires_in, error } = jsonOf(answer.text);
  if (answer.status !== 200 || typeof access_token !== "string") {
    const reason = reasonOf(error) ?? "no token";
    return refused("fcm", answer.status, `Google refuses FCM_SERVICE_ACCOUNT: ${reason}`);
  }
  return { token: access_token, ends: now + (Number(expires_in) || 0) * 1000 - MARGIN_MS };
}

async function sign(credentials: FcmCredentials, seconds: number): Promise<string | undefined> {
  const { privateKey, keyId, clientEmail, tokenUrl } = credentials;
  try {
    return await new SignJWT({ scope: SCOPE })
      .setProtectedHeader({ alg: "RS256", typ: "JWT", ...(keyId === undefined ? {} : { kid: keyId }) })
      .setIssuer(clientEmail)
      .setAudience(tokenUrl)
      .setIssuedAt(seconds)
      .setExpirationTime(seconds + ASSERTION_S)
      .sign(await importPKCS8(privateKey, "RS256"));
  } catch {
    return undefined;
  }
}
