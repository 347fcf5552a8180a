/** What can go wrong: the server refuses, or it cannot be reached. */
import { type ErrorCode, isRetryableError } from "@rocket-chat-api/protocol/facts";

/** The server has refused. */
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
    // Over a socket there is no header: the details say it.
    const { retry_after } = refusal.details ?? {};
    const told_ms = typeof retry_after === "number" ? retry_after * 1000 : undefined;
    this.retry_after_ms = from.retry_after_ms ?? told_ms;
  }
}

/** The server could not be reached, or the connection ended before the answer. The server may have acted or not. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
}

/** Whether trying again can help. */
export function isRetryable(error: unknown): boolean {
  if (!(error instanceof ApiError)) return error instanceof ConnectionLost;
  return isRetryableError(error.code, error.status);
}

/** Says that a request got no answer. A browser reports a blocked request and an unreachable server in the same way. */
export function unanswerable(request: string, origin: string | undefined): string {
  if (origin === undefined) return `${request} was not answered: the server cannot be reached`;
  return `${request} was not answered: the server cannot be reached, or its setting ALLOWED_ORIGINS does not name the origin of this page, ${origin}`;
}

/** The origin of the page that runs this; undefined where there is none. */
export function pageOrigin(): string | undefined {
  const { location } = globalThis as { location?: { origin?: string } };
  return location?.origin;
}
