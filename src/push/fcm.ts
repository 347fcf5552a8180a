/** Sends by FCM HTTP v1, and reads its errors ("FCM error codes"). */
import type { EpochMs } from "../domain/time.ts";
import type { DeploymentSettings } from "../settings.ts";
import { type FcmCredentials, fcmCredentials } from "./credentials.ts";
import { accessToken, discardToken } from "./fcm-token.ts";
import type { PushResult, PushTarget } from "./notification.ts";
import type { PreparedPush } from "./payload.ts";
import { type Answer, ask, jsonOf } from "./request.ts";
import { dead, isTemporary, reasonOf, refused, retry } from "./verdict.ts";

const FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError";
const BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest";
/** "If there is no retry-after header, default to 60 seconds." */
const QUOTA_RETRY_MS = 60_000;

/** Sends a message to a device. */
export async function sendFcm(
  env: DeploymentSettings,
  target: PushTarget,
  prepared: PreparedPush,
  { now, signal }: { now: EpochMs; signal: AbortSignal },
): Promise<PushResult> {
  const credentials = fcmCredentials(env);
  if ("misconfigured" in credentials) return refused("fcm", 0, credentials.misconfigured);
  const body = JSON.stringify({ message: { token: target.token, ...prepared.payload } });
  const first = await sendOnce(credentials, body, now, signal);
  // The token was revoked before its time: a new one is tried once.
  const last = isUnauthenticated(first) ? await sendOnce(credentials, body, now, signal) : first;
  return "result" in last ? last : fcmResult(last, now);
}

async function sendOnce(
  credentials: FcmCredentials,
  body: string,
  now: EpochMs,
  signal: AbortSignal,
): Promise<Answer | PushResult> {
  const token = await accessToken(credentials, now, signal);
  if (typeof token !== "string") return token;
  const url = `${credentials.baseUrl}/v1/projects/${encodeURIComponent(credentials.projectId)}/messages:send`;
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const answer = await ask(url, { method: "POST", headers, body }, signal);
  if (isUnauthenticated(answer)) discardToken(credentials, token);
  return answer;
}

/** Our own token was refused. With an error of FCM it is something else (`THIRD_PARTY_AUTH_ERROR`). */
function isUnauthenticated(answer: Answer | PushResult): boolean {
  return "text" in answer && answer.status === 401 && errorOf(answer.text).code === undefined;
}

/** The parts of Google's error that decide. */
function errorOf(text: string): { code: string | undefined; isOurPayload: boolean } {
  const { error } = jsonOf(text);
  const details = (error as { details?: unknown } | undefined)?.details;
  const list: Record<string, unknown>[] = Array.isArray(details) ? details : [];
  const code = reasonOf(list.find((one) => one?.["@type"] === FCM_ERROR)?.errorCode);
  const violations = list.find((one) => one?.["@type"] === BAD_REQUEST)?.fieldViolations;
  const fields = Array.isArray(violations) ? violations.map((one) => one?.field) : [];
  return { code, isOurPayload: fields.some((field) => field !== "message.token") };
}

/**
 * What an answer of FCM means.
 * @param answer of the send method. Its errors carry an `FcmError` if they are about the token.
 */
export function fcmResult(answer: Answer, now: EpochMs): PushResult {
  if ("failure" in answer) return retry(answer, now);
  const { status, text } = answer;
  if (status === 200) return { result: "sent", status };
  const { code, isOurPayload } = errorOf(text);
  if (code === "UNREGISTERED") return dead(status, code);
  if (code === "INVALID_ARGUMENT" && !isOurPayload) return dead(status, code);
  if (isTemporary(status)) {
    const later = retry(answer, now, code);
    return status === 429 && later.result === "retry" ? { after_ms: QUOTA_RETRY_MS, ...later } : later;
  }
  return refused("fcm", status, adviceFor(status, code));
}

/** What an operator must do. */
function adviceFor(status: number, code: string | undefined): string {
  if (code === "SENDER_ID_MISMATCH")
    return "SENDER_ID_MISMATCH: the token belongs to another Firebase project";
  if (code === "THIRD_PARTY_AUTH_ERROR") {
    return "THIRD_PARTY_AUTH_ERROR: Firebase lacks a valid APNs key or web push certificate";
  }
  if (status === 400) return `${code ?? "INVALID_ARGUMENT"}: FCM refuses our message`;
  if (status === 401) return "Google refuses the access token of FCM_SERVICE_ACCOUNT";
  if (status === 403) return "FCM_SERVICE_ACCOUNT may not send messages in its project";
  if (status === 404) return "there is no such Firebase project, or FCM_URL is wrong";
  return `FCM answers ${status}`;
}
