/** Rate limits of requests: by user, and by address for what carries no valid token (rule 24). */

import { RATE_LIMITS } from "@rocket-chat-api/protocol";
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { addressKey, type Budget, budgetOfRequest, isCostlyRequest } from "../domain/rate.ts";
import type { Env } from "../env.ts";
import { count, isLimited, overBudget } from "../realtime/rate-limit.ts";
import type { AuthVariables } from "./auth.ts";
import { ApiError, errorResponse, refuse } from "./errors.ts";

/** The headers of this file, for browsers' eyes too. */
export const RATE_LIMIT_HEADERS = [
  "RateLimit-Limit",
  "RateLimit-Policy",
  "RateLimit-Remaining",
  "RateLimit-Reset",
];

/**
 * Names the budget that an answer counted against. What is left of it, and when it starts anew, the platform does not
 * tell; only of a budget that is used up both are known: nothing, and within its period.
 */
function describeBudget(c: Context, budget: Budget, usedUp: boolean): void {
  const { limit, period } = RATE_LIMITS[budget];
  c.header("RateLimit-Limit", String(limit));
  c.header("RateLimit-Policy", `${limit};w=${period}`);
  if (usedUp) describeUsedUp(c, { limit, period, reset: period });
}

/** Names a budget of which nothing is left. @param reset seconds until there is. */
export function describeUsedUp(c: Context, budget: { limit: number; period: number; reset: number }): void {
  const { limit, period, reset } = budget;
  c.header("RateLimit-Limit", String(limit));
  c.header("RateLimit-Policy", `${limit};w=${period}`);
  c.header("RateLimit-Remaining", "0");
  c.header("RateLimit-Reset", String(reset));
  c.header("Retry-After", String(reset));
}

function refuseOverBudget(c: Context, budget: Budget): never {
  describeBudget(c, budget, true);
  throw new ApiError(overBudget(budget));
}

/** Counts one request against a user's budget; refuses when it is used up. */
export async function countRequest<E extends { Bindings: Env }>(
  c: Context<E>,
  userId: string,
): Promise<void> {
  if (!isLimited(c.env)) return;
  const budget = budgetOfRequest(c.req.method, c.req.path);
  const counted = await count(c.env, budget, userId);
  if (counted === "over") refuseOverBudget(c, budget);
  if (counted === "unknown" && isCostlyRequest(c.req.method, c.req.path)) refuse("SERVICE_UNAVAILABLE");
  describeBudget(c, budget, false);
}

/**
 * Limits each address, so that nobody can guess tokens and tickets without end. Many users share an address, so a
 * request counts only once it has failed to say who sends it; then a 429 replaces the answer.
 */
export function limitByAddress() {
  return createMiddleware<{ Bindings: Env }>(async function countAddress(c, next) {
    await next();
    if (c.res.status !== 401) return;
    // The platform names the address of everybody who comes over the Internet; another Worker of ours has none.
    const address = c.req.header("cf-connecting-ip");
    if (address === undefined || !isLimited(c.env)) return;
    if ((await count(c.env, "address", addressKey(address))) !== "over") return;
    describeBudget(c, "address", true);
    c.res = errorResponse(c, overBudget("address"));
    c.res.headers.delete("WWW-Authenticate");
  });
}

/** Limits each user; it comes after authentication, so that nobody spends another's budget. */
export function limitByUser() {
  return createMiddleware<{ Bindings: Env; Variables: AuthVariables }>(async function countUser(c, next) {
    await countRequest(c, c.var.caller.user_id);
    await next();
  });
}
