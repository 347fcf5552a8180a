/** Quotas that the user's hub counts (rule 24). */

import { failure } from "@rocket-chat-api/protocol";
import type { Context } from "hono";
import type { Spending } from "../domain/quota.ts";
import { ApiError } from "../middleware/errors.ts";
import { describeUsedUp } from "../middleware/rate-limit.ts";
import { hubObject } from "../realtime/objects.ts";
import { isLimited } from "../realtime/rate-limit.ts";
import type { AppEnv } from "./api.ts";

/** Takes from the caller's quotas. Refuses if one of them is exhausted. */
export async function spendQuota(c: Context<AppEnv>, wanted: Spending): Promise<void> {
  // A server has a budget of its own, whichever user it acts as.
  if (!isLimited(c.env) || c.var.actor.kind === "server") return;
  const refused = await hubObject(c.env, c.var.caller.user_id).spend(wanted);
  if (!refused) return;
  const { budget, limit, period, retry_after } = refused;
  describeUsedUp(c, { limit, period, reset: retry_after });
  throw new ApiError(failure("RATE_LIMIT_EXCEEDED", undefined, { budget, limit, retry_after }));
}
