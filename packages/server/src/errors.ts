/** What can go wrong: the service refuses, or it cannot be reached. */
import { type ErrorCode, isRetryableError } from "@rocket-chat-api/protocol/facts";

/** The service has refused. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: ErrorCode;
  readonly status: number;
  readonly details: Record<string, unknown> | undefined;
  /** Names this request in the service's logs. */
  readonly request_id: string | undefined;
  /** How long the service asks to wait before another attempt, in milliseconds. */
  readonly retry_after_ms: number | undefined;

  constructor(
    refusal: { code: ErrorCode; message: string; details?: Record<string, unknown> | undefined },
    from: { status: number; request_id?: string | undefined; retry_after_ms?: number | undefined },
  ) {
    super(refusal.message);
    this.code = refusal.code;
    this.details = refusal.details;
    this.status = from.status;
    this.request_id = from.request_id;
    this.retry_after_ms = from.retry_after_ms;
  }
}

/** There was no answer. The service may have acted or not. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
}

/** Whether trying again can help. What is idempotent may be repeated after any such error. */
export function isRetryable(error: unknown): boolean {
  if (error instanceof ConnectionLost) return true;
  if (!(error instanceof ApiError)) return false;
  return isRetryableError(error.code, error.status);
}
