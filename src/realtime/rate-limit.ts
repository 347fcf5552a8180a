/**
 * Budgets (rule 24), counted by the platform. Requests and sockets use the same counter with the same key, so they
 * share one budget. The platform counts in each of its locations and does not promise to be exact.
 */

import {
  type Failure,
  FRAME_BURST,
  FRAMES_PER_SECOND,
  failure,
  RATE_LIMITS,
} from "@rocket-chat-api/protocol";
import type { Budget } from "../domain/rate.ts";
import type { Env } from "../env.ts";
import { errorFields, log } from "../log.ts";
import { metrics } from "../metrics/metrics.ts";

const COUNTERS = {
  requests: "RATE_LIMIT_REQUESTS",
  signals: "RATE_LIMIT_SIGNALS",
  files: "RATE_LIMIT_FILES",
  search: "RATE_LIMIT_SEARCH",
  address: "RATE_LIMIT_IP",
  server: "RATE_LIMIT_SERVER",
} as const satisfies Record<Budget, keyof Env>;

let warned = false;

/** Whether limits are on. If they are off, the log says so once. */
export function isLimited(env: Env): boolean {
  if (env.RATE_LIMIT_MODE !== "off") return true;
  if (!warned)
    log("warn", "rate_limit.off", { reason: "RATE_LIMIT_MODE is off, which is for load tests only" });
  warned = true;
  return false;
}

/** What a counter says. If it does not answer ("unknown"), only the costliest commands are refused. */
export type Counted = "within" | "over" | "unknown";

/** Counts one against a budget. @param key the user, or the address. */
export async function count(env: Env, budget: Budget, key: string): Promise<Counted> {
  try {
    const { success } = await env[COUNTERS[budget]].limit({ key });
    if (!success) metrics.add("rate_limited", 1, budget);
    return success ? "within" : "over";
  } catch (error) {
    log("warn", "rate_limit.unavailable", { budget, ...errorFields(error) });
    return "unknown";
  }
}

/** The refusal of too many frames. */
export function tooManyFrames(): Failure {
  metrics.add("rate_limited", 1, "frames");
  const details = { budget: "frames", limit: FRAME_BURST, retry_after: 1 };
  return failure("RATE_LIMIT_EXCEEDED", `Too many frames: at most ${FRAMES_PER_SECOND} a second`, details);
}

/** The refusal when a budget is used up. After `retry_after` seconds it is certainly available again. */
export function overBudget(budget: Budget): Failure {
  const { limit, period } = RATE_LIMITS[budget];
  return failure("RATE_LIMIT_EXCEEDED", undefined, { budget, limit, retry_after: period });
}
