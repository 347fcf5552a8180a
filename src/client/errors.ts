/** What can go wrong, as a type: the server's refusals, and not reaching it at all. */
import type { ErrorCode } from "../protocol/index.ts";

const RETRYABLE: readonly ErrorCode[] = ["RATE_LIMIT_EXCEEDED", "INTERNAL_ERROR", "SERVICE_UNAVAILABLE"];

/** A code that is not known here is treated by its status (rule 5). */
function isRetryableStatus(status: number | undefined): boolean {
  return status !== undefined && (status === 429 || status >= 500);
}

/** The server's answer is no. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: ErrorCode;
  /** HTTP status; undefined for an answer over a socket. */
  readonly status: number | undefined;
  readonly details: Record<string, unknown> | undefined;
  /** Names this request in the server's logs. */
  readonly request_id: string | undefined;
  /** How long the server asks to wait before another attempt. */
  readonly retry_after_ms: number | undefined;

  constructor(
    refusal: { code: ErrorCode; message: string; details?: Record<string, unknown> | undefined },
    from: { status?: number; request_id?: string; retry_after_ms?: number | undefined } = {},
  ) {
    super(refusal.message);
    this.code = refusal.code;
    this.details = refusal.details;
    this.status = from.status;
    this.request_id = from.request_id;
    this.retry_after_ms = from.retry_after_ms;
  }
}

/** The server could not be reached, or the connection ended before its answer: whether it acted is not known. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
}

/** Whether trying again can help. */
export function isRetryable(error: unknown): boolean {
  if (!(error instanceof ApiError)) return error instanceof ConnectionLost;
  return RETRYABLE.includes(error.code) || isRetryableStatus(error.status);
}
