/** The room's doors: what a push looks like, and sending it. */
import type { EpochMs } from "../domain/time.ts";
import { errorFields, log } from "../log.ts";
import { metrics } from "../metrics/metrics.ts";
import type { DeploymentSettings } from "../settings.ts";
import { sendApns } from "./apns.ts";
import { apnsPayload } from "./apns-payload.ts";
import { sendFcm } from "./fcm.ts";
import { fcmPayload } from "./fcm-payload.ts";
import type { Push, PushResult, PushTarget } from "./notification.ts";
import type { PreparedPush } from "./payload.ts";
import { withDeadline } from "./request.ts";
import { refused } from "./verdict.ts";
import { sendWebPush } from "./web-push.ts";
import { webPushPayload } from "./web-push-payload.ts";

/** A push takes no longer than this, with everything that is asked for it. */
const DEADLINE_MS = 10_000;

/**
 * Whether what a device shows can be taken away from outside. A browser cannot be told so: it must show something for each
 * push. Such a device drops what was read when its page is opened, or with the next notification.
 */
export function canClear({ provider, platform }: Pick<PushTarget, "provider" | "platform">): boolean {
  return provider !== "webpush" && platform !== "web";
}

/**
 * A push in the form of its provider, without sending it. It needs no credentials.
 * @returns undefined for a clear that the device cannot get (`canClear`).
 */
export async function preparePush(
  env: DeploymentSettings,
  target: PushTarget,
  push: Push,
  now: EpochMs,
): Promise<PreparedPush | undefined> {
  if (push.kind === "clear" && !canClear(target)) return undefined;
  const context = { now, openUrl: env.PUSH_OPEN_URL };
  if (target.provider === "fcm") return await fcmPayload(target, push, context);
  if (target.provider === "apns") return await apnsPayload(target, push, context);
  return push.kind === "clear" ? undefined : await webPushPayload(target, push, context);
}

/**
 * Sends a push, once, or a second time where the connection broke. It never throws, and takes 10 seconds at most.
 *
 * The operator's faults are in the log as `push.refused`. Of a clear that the device cannot get, nothing is sent: the result
 * is `failed` with the status 0, so ask `canClear` first.
 * @param id a UUID, which stays the same when the push is repeated.
 * @param deadlineMs shorter in tests.
 */
export async function sendPush(
  ...[env, target, push, options]: Parameters<typeof trySend>
): Promise<PushResult> {
  const result = await trySend(env, target, push, options);
  metrics.add("pushes", 1, target.provider, result.result);
  return result;
}

async function trySend(
  env: DeploymentSettings,
  target: PushTarget,
  push: Push,
  { id, now, deadlineMs = DEADLINE_MS }: { id: string; now: EpochMs; deadlineMs?: number },
): Promise<PushResult> {
  if (push.kind !== "clear" && push.expires_at !== null && push.expires_at <= now) {
    return { result: "failed", status: 0, detail: "the message has expired" };
  }
  try {
    return await withDeadline(deadlineMs, async (signal) => {
      const prepared = await preparePush(env, target, push, now);
      if (!prepared)
        return { result: "failed", status: 0, detail: "this device cannot be cleared from outside" };
      if (prepared.bytes > prepared.max)
        return refused(target.provider, 0, "the payload is too large: shorten PUSH_OPEN_URL");
      return await send(env, target, prepared, { id, now, signal });
    });
  } catch (error) {
    log("error", "push.failed", { provider: target.provider, ...errorFields(error) });
    return { result: "failed", status: 0, detail: "internal error" };
  }
}

async function send(
  env: DeploymentSettings,
  target: PushTarget,
  prepared: PreparedPush,
  context: { id: string; now: EpochMs; signal: AbortSignal },
): Promise<PushResult> {
  switch (target.provider) {
    case "fcm":
      return await sendFcm(env, target, prepared, context);
    case "apns":
      return await sendApns(env, target, prepared, context);
    case "webpush":
      return await sendWebPush(env, target, prepared, context);
  }
}
