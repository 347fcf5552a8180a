/** Sends by Web Push (RFC 8030), with VAPID (RFC 8292). */
import { importJWK, SignJWT } from "jose";
import type { EpochMs } from "../domain/time.ts";
import type { DeploymentSettings } from "../settings.ts";
import { encryptFor } from "./encrypt.ts";
import { checkEndpoint } from "./endpoint.ts";
import type { PushResult, PushTarget } from "./notification.ts";
import type { PreparedPush } from "./payload.ts";
import { type Answer, ask } from "./request.ts";
import { type VapidCredentials, vapidCredentials } from "./vapid-key.ts";
import { dead, isTemporary, refused, retry } from "./verdict.ts";

/** A token counts for a day at most (RFC 8292, section 2); clocks differ, so ours counts for half of it. */
const TOKEN_S = 43_200;
/** A token is not used in its last hour. */
const MARGIN_S = 3600;
/** Tokens that are kept, one for each push service. */
const MAX_TOKENS = 64;

interface Token {
  token: string;
  /** In seconds. */
  issued: number;
}

/** Of this isolate. */
const tokens = new Map<string, Token>();

async function vapidToken(
  vapid: VapidCredentials,
  origin: string,
  now: EpochMs,
): Promise<string | undefined> {
  const seconds = Math.floor(now / 1000);
  const name = `${vapid.key.d} ${vapid.subject} ${origin}`;
  const known = tokens.get(name);
  const age = known ? seconds - known.issued : -1;
  if (known && age >= 0 && age < TOKEN_S - MARGIN_S) return known.token;
  try {
    const token = await new SignJWT()
      .setProtectedHeader({ typ: "JWT", alg: "ES256" })
      .setAudience(origin)
      .setSubject(vapid.subject)
      .setExpirationTime(seconds + TOKEN_S)
      .sign(await importJWK(vapid.key, "ES256"));
    if (tokens.size >= MAX_TOKENS) tokens.clear();
    tokens.set(name, { token, issued: seconds });
    return token;
  } catch {
    return undefined;
  }
}

/** Encrypts a message for a browser and sends it to its push service, whose address came from the client. */
export async function sendWebPush(
  env: DeploymentSettings,
  target: PushTarget,
  prepared: PreparedPush,
  { now, signal }: { now: EpochMs; signal: AbortSignal },
): Promise<PushResult> {
  const vapid = vapidCredentials(env);
  if ("misconfigured" in vapid) return refused("webpush", 0, vapid.misconfigured);
  if (target.keys === null) return dead(0, "the subscription has no keys");
  const problem = await checkEndpoint(env, target.token, signal);
  if (problem?.code === "SERVICE_UNAVAILABLE") {
    return { result: "retry", status: 0, detail: "the name of the push service cannot be resolved now" };
  }
  // The settings have changed since the device was registered, or the name points elsewhere today.
  if (problem) return refused("webpush", 0, `the endpoint is not allowed: ${problem.message}`);
  const token = await vapidToken(vapid, new URL(target.token).origin, now);
  if (token === undefined) return refused("webpush", 0, "VAPID_PRIVATE_KEY is not a key of P-256");
  const content = new TextEncoder().encode(JSON.stringify(prepared.payload));
  const body = await encryptFor(target.keys, content).catch(() => undefined);
  if (body === undefined) return dead(0, "p256dh is no public key");
  const headers = {
    ...prepared.headers,
    authorization: `vapid t=${token}, k=${vapid.publicKey}`,
    "content-encoding": "aes128gcm",
    "content-type": "application/octet-stream",
  };
  return webPushResult(await ask(target.token, { method: "POST", headers, body }, signal), now);
}

/** What an answer of a push service means. */
export function webPushResult(answer: Answer, now: EpochMs): PushResult {
  if ("failure" in answer) return retry(answer, now);
  const { status } = answer;
  if (status >= 200 && status < 300) return { result: "sent", status };
  if (status === 404 || status === 410) return dead(status, `status ${status}`);
  // 406 is how the service of Windows throttles.
  if (isTemporary(status) || status === 406) return retry(answer, now);
  return refused("webpush", status, adviceFor(status));
}

function adviceFor(status: number): string {
  if (status >= 300 && status < 400) return "the push service redirects, which is not followed";
  if (status === 401 || status === 403) {
    return "the push service refuses VAPID: the subscription was made with another key, or VAPID_SUBJECT is refused";
  }
  return `the push service answers ${status}`;
}
