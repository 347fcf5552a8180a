/** Rate limits of requests: by user, and by address for requests without a valid token (rule 24). */

import { failure, RATE_LIMITS } from "@rocket-chat-api/protocol";
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { addressKey, type Budget, budgetOfRequest, isCostlyRequest } from "../domain/rate.ts";
import type { Env } from "../env.ts";
import { count, isLimited, overBudget } from "../realtime/rate-limit.ts";
import { serverRequestsPerMinute } from "../settings.ts";
import type { AuthVariables } from "./auth.ts";
import { ApiError, errorResponse, refuse } from "./errors.ts";

/** The rate limit headers, which CORS exposes to browsers. */
export const RATE_LIMIT_HEADERS = [
  "RateLimit-Limit",
  "RateLimit-Policy",
  "RateLimit-Remaining",
  "RateLimit-Reset",
];

/**
 * Sets the headers of the budget that a request counted against. The platform does not say how much is left or when the
 * budget is full again. Only for an exhausted budget both are known: 0 left, and full again within its period.
 */
function describeBudget(c: Context, budget: Budget, usedUp: boolean): void {
  const { limit, period } = RATE_LIMITS[budget];
  c.header("RateLimit-Limit", String(limit));
  c.header("RateLimit-Policy", `${limit};w=${period}`);
  if (usedUp) describeUsedUp(c, { limit, period, reset: period });
}

/** Sets the headers of an exhausted budget. @param reset seconds until it is available again. */
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

/** Counts a request against a user's budget. Refuses if the budget is exhausted. */
async function countRequest<E extends { Bindings: Env }>(c: Context<E>, userId: string): Promise<void> {
  if (!isLimited(c.env)) return;
  const budget = budgetOfRequest(c.req.method, c.req.path);
  const counted = await count(c.env, budget, userId);
  if (counted === "over") refuseOverBudget(c, budget);
  if (counted === "unknown" && isCostlyRequest(c.req.method, c.req.path)) refuse("SERVICE_UNAVAILABLE");
  describeBudget(c, budget, false);
}

/**
 * Limits each address, so that tokens and tickets cannot be guessed by brute force. Many users share an address, so
 * only requests that fail to authenticate count. A 429 then replaces the answer.
 */
export function limitByAddress() {
  return createMiddleware<{ Bindings: Env }>(async function countAddress(c, next) {
    await next();
    if (c.res.status !== 401) return;
    // Requests from the internet always have this header. Calls from another Worker of ours have none.
    const address = c.req.header("cf-connecting-ip");
    if (address === undefined || !isLimited(c.env)) return;
    if ((await count(c.env, "address", addressKey(address))) !== "over") return;
    describeBudget(c, "address", true);
    c.res = errorResponse(c, overBudget("address"));
    c.res.headers.delete("WWW-Authenticate");
  });
}

/**
 * Counts a request against its actor's budget: the user's, or that of the server's credential, whichever user it acts
 * as. Refuses if the budget is exhausted.
 */
export async function countActor<E extends { Bindings: Env; Variables: AuthVariables }>(
  c: Context<E>,
): Promise<void> {
  const { actor, caller } = c.var as AuthVariables;
  if (actor.kind === "user") return await countRequest(c, caller.user_id);
  if (!isLimited(c.env)) return;
  const limit = serverRequestsPerMinute(c.env);
  const { period } = RATE_LIMITS.server;
  const counted = await count(c.env, "server", actor.credential.id);
  if (counted === "unknown" && isCostlyRequest(c.req.method, c.req.path)) refuse("SERVICE_UNAVAILABLE");
  if (counted === "over") {
    describeUsedUp(c, { limit, period, reset: period });
    const details = { budget: "server", limit, retry_after: period };
    throw new ApiError(failure("RATE_LIMIT_EXCEEDED", undefined, details));
  }
  c.header("RateLimit-Limit", String(limit));
  c.header("RateLimit-Policy", `${limit};w=${period}`);
}

/** Limits each actor. Runs after authentication, so that nobody can use up the budget of another. */
export function limitByActor() {
  return createMiddleware<{ Bindings: Env; Variables: AuthVariables }>(async function countIt(c, next) {
    await countActor(c);
    await next();
  });
}
