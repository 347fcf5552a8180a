/** Every error response has the same body: `{code, message, details?, request_id}` (rule 5). */

import { ERRORS, type ErrorBody, type ErrorCode, type Failure, failure } from "@rocket-chat-api/protocol";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { codeOf } from "../domain/outage.ts";
import type { Outcome } from "../domain/outcome.ts";
import { errorFields, log } from "../log.ts";
import { metrics } from "../metrics/metrics.ts";

/** A failure that a handler throws. */
export class ApiError extends Error {
  readonly failure: Failure;

  constructor(reason: Failure) {
    super(reason.message);
    this.failure = reason;
  }
}

/** Throws a refusal. */
export function refuse(code: ErrorCode, message?: string, details?: Record<string, unknown>): never {
  throw new ApiError(failure(code, message, details));
}

/** The body of a success. Throws if it is a refusal. */
export function bodyOf<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new ApiError(outcome.error);
  return outcome.body;
}

/** The response for a failure. */
export function errorResponse(c: Context, reason: Failure): Response {
  const { status } = ERRORS[reason.code];
  metrics.add("refusals", 1, reason.code);
  if (status === 503) c.header("Retry-After", "1");
  // How long slow mode lasts. Budgets say more, where they are counted.
  if (reason.code === "SLOW_MODE") c.header("Retry-After", String(reason.details?.retry_after));
  if (status === 401) c.header("WWW-Authenticate", "Bearer");
  return c.json({ ...reason, request_id: c.get("requestId") ?? "" } satisfies ErrorBody, status);
}

/** Hono's `onError`. Unknown errors are logged, and the client sees no detail. */
export function onError(error: Error, c: Context): Response {
  if (error instanceof ApiError) return errorResponse(c, error.failure);
  if (error instanceof HTTPException && error.status === 400) {
    return errorResponse(c, failure("VALIDATION_ERROR", "The body is not valid JSON"));
  }
  const code = codeOf(error);
  log("error", "request.failed", { code, ...errorFields(error) });
  return errorResponse(c, failure(code));
}
