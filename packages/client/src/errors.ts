/** What can go wrong, as a type: the server's refusals, and not reaching it at all. */
import type { ErrorCode } from "@rocket-chat-api/protocol";

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

/** What a request was that got no answer. A browser shows a blocked request and an unreachable server alike. */
export function unanswerable(request: string, origin: string | undefined): string {
  if (origin === undefined) return `${request} was not answered: the server cannot be reached`;
  return `${request} was not answered: the server cannot be reached, or its setting ALLOWED_ORIGINS does not name the origin of this page, ${origin}`;
}

/** The origin of the page that runs this; undefined where there is none. */
export function pageOrigin(): string | undefined {
  const { location } = globalThis as { location?: { origin?: string } };
  return location?.origin;
}
