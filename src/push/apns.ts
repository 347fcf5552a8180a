/** Sends by APNs, and reads its errors ("Handling notification responses from APNs"). */
import { importPKCS8, SignJWT } from "jose";
import type { EpochMs } from "../domain/time.ts";
import type { DeploymentSettings } from "../settings.ts";
import { type ApnsCredentials, apnsCredentials } from "./credentials.ts";
import type { PushResult, PushTarget } from "./notification.ts";
import type { PreparedPush } from "./payload.ts";
import { type Answer, ask, jsonOf } from "./request.ts";
import { dead, isTemporary, reasonOf, refused, retry } from "./verdict.ts";

type Environment = "sandbox" | "production";

/**
 * A provider token is made for a half hour of the clock, and counts for an hour. Apple refuses more than one in 20 minutes
 * (`TooManyProviderTokenUpdates`), and isolates share no memory: so all of them must mint the same one.
 */
const TOKEN_PERIOD_S = 1800;
/** A new period begins late, so that a clock that is ahead makes no token of the future. */
const CLOCK_MARGIN_S = 60;

/** The provider token of this isolate. */
let minted: { key: string; iat: number; token: string } | undefined;

/** The time of the provider token, in seconds. */
export function issuedAt(now: EpochMs): number {
  return Math.floor((now / 1000 - CLOCK_MARGIN_S) / TOKEN_PERIOD_S) * TOKEN_PERIOD_S;
}

async function providerToken(credentials: ApnsCredentials, now: EpochMs): Promise<string | undefined> {
  const { privateKey, keyId, teamId } = credentials;
  const iat = issuedAt(now);
  const key = `${teamId} ${keyId} ${privateKey}`;
  if (minted?.key === key && minted.iat === iat) return minted.token;
  try {
    const token = await new SignJWT()
      .setProtectedHeader({ alg: "ES256", kid: keyId })
      .setIssuer(teamId)
      .setIssuedAt(iat)
      .sign(await importPKCS8(privateKey, "ES256"));
    minted = { key, iat, token };
    return token;
  } catch {
    return undefined;
  }
}

/** Whether a token is bytes in hexadecimal digits, as apps send it. Anything else would be a path of its own. */
function isApnsToken(token: string): boolean {
  return /^(?:[0-9a-f]{2})+$/i.test(token);
}

interface SendContext {
  /** A UUID. A push that is repeated has the same. */
  id: string;
  now: EpochMs;
  signal: AbortSignal;
}

/**
 * Sends a notification. A token that is bad in the environment of the device is tried in the other one: the result of a
 * success says where.
 */
export async function sendApns(
  env: DeploymentSettings,
  target: PushTarget,
  prepared: PreparedPush,
  context: SendContext,
): Promise<PushResult> {
  const credentials = apnsCredentials(env);
  if ("misconfigured" in credentials) return refused("apns", 0, credentials.misconfigured);
  const topic = target.app_id ?? credentials.topic;
  if (!topic) return refused("apns", 0, "set APNS_TOPIC to the bundle id, or register devices with app_id");
  if (!isApnsToken(target.token)) return dead(0, "the token is not hexadecimal");
  const token = await providerToken(credentials, context.now);
  if (token === undefined) return refused("apns", 0, "APNS_KEY is not a key of P-256");
  const headers = {
    ...prepared.headers,
    authorization: `bearer ${token}`,
    "apns-topic": topic,
    "apns-id": context.id,
    "content-type": "application/json",
  };
  const request = { method: "POST", headers, body: JSON.stringify(prepared.payload) };
  const send = async (environment: Environment) => {
    const url = `${credentials.baseUrl[environment]}/3/device/${target.token}`;
    return apnsResult(await ask(url, request, context.signal), environment, target, context.now);
  };
  const first = target.environment ?? "production";
  const result = await send(first);
  if (result !== WRONG_ENVIRONMENT) return result;
  const other = await send(first === "production" ? "sandbox" : "production");
  return other === WRONG_ENVIRONMENT ? dead(400, "BadDeviceToken") : other;
}

/** The token may be of the other environment, or of none. */
const WRONG_ENVIRONMENT = "wrong_environment";

/** What an answer of APNs means. */
export function apnsResult(
  answer: Answer,
  environment: Environment,
  { registered_at }: Pick<PushTarget, "registered_at">,
  now: EpochMs,
): PushResult | typeof WRONG_ENVIRONMENT {
  if ("failure" in answer) return retry(answer, now);
  const { status } = answer;
  if (status === 200) return { result: "sent", status, environment };
  const { reason: said, timestamp } = jsonOf(answer.text);
  const reason = reasonOf(said);
  if (reason === "BadDeviceToken") return WRONG_ENVIRONMENT;
  if (status === 410) {
    // What Apple saw before the app registered once more says nothing about the app of today.
    const isOld = typeof timestamp === "number" && timestamp < registered_at;
    return isOld ? retry(answer, now, reason) : dead(status, reason ?? "Unregistered");
  }
  if (isTemporary(status)) return retry(answer, now, reason);
  return refused("apns", status, adviceFor(status, reason));
}

/** What an operator must do about each reason. Others are faults of our requests. */
const ADVICE: Readonly<Record<string, string>> = {
  DeviceTokenNotForTopic: "the token belongs to another app: set APNS_TOPIC, or register devices with app_id",
  TopicDisallowed: "the key may not push to this bundle id: check APNS_TOPIC and app_id",
  BadTopic: "APNS_TOPIC or app_id is not a bundle id",
  InvalidProviderToken: "check APNS_KEY, APNS_KEY_ID and APNS_TEAM_ID",
  ExpiredProviderToken: "the clock of this service is wrong",
  MissingProviderToken: "something between this service and Apple drops the token",
  BadEnvironmentKeyIdInToken: "the key is not for this environment: take one for sandbox and production",
  UnrelatedKeyIdInToken: "the key is for other bundle ids",
  Forbidden: "the key was revoked",
};

function adviceFor(status: number, reason: string | undefined): string {
  if (reason === undefined) return `APNs answers ${status}: check APNS_URL`;
  return `${reason}: ${ADVICE[reason] ?? "APNs refuses our request"}`;
}
