/** One table for every error that leaves the server: its code, its HTTP status and its words; and after which a retry can help. */

interface ErrorKind {
  status: 400 | 401 | 403 | 404 | 405 | 409 | 413 | 429 | 500 | 503;
  message: string;
}

/** Guide section 5, and rule 5 of the contract. */
export const ERRORS = {
  UNAUTHORIZED: { status: 401, message: "Authentication required" },
  FORBIDDEN: { status: 403, message: "Access denied" },
  USER_DEACTIVATED: { status: 403, message: "This user is deactivated" },
  BANNED: { status: 403, message: "This user is banned" },
  BLOCKED: {
    status: 403,
    message: "Nobody can write here: one of the two has blocked the other",
  },
  MUTED: { status: 403, message: "You are muted in this conversation" },
  FROZEN: { status: 403, message: "This conversation is frozen" },
  NOT_ACCEPTED: { status: 403, message: "This user does not accept that" },
  NOT_FOUND: { status: 404, message: "Resource not found" },
  METHOD_NOT_ALLOWED: { status: 405, message: "This path does not support this method" },
  CONVERSATION_NOT_FOUND: { status: 404, message: "Conversation not found" },
  VALIDATION_ERROR: { status: 400, message: "The request is not valid" },
  MESSAGE_TOO_LONG: { status: 400, message: "Message exceeds maximum length" },
  CONTENT_REJECTED: { status: 400, message: "The content is not allowed here" },
  INVALID_ATTACHMENT: { status: 400, message: "Invalid attachment" },
  CONFLICT: { status: 409, message: "The request conflicts with the current state" },
  LIMIT_REACHED: { status: 409, message: "The maximum number is reached" },
  PAYLOAD_TOO_LARGE: { status: 413, message: "The request is too large" },
  SLOW_MODE: { status: 429, message: "Slow mode: wait before you send again" },
  RATE_LIMIT_EXCEEDED: { status: 429, message: "Too many requests" },
  INTERNAL_ERROR: { status: 500, message: "Internal server error" },
  SERVICE_UNAVAILABLE: { status: 503, message: "Service temporarily unavailable" },
} as const satisfies Record<string, ErrorKind>;

/** A code of {@link ERRORS}. */
export type ErrorCode = keyof typeof ERRORS;

/** By themselves, and not in the table, so that a page which asks for them loads no words. */
const RETRYABLE: readonly ErrorCode[] = [
  "SLOW_MODE",
  "RATE_LIMIT_EXCEEDED",
  "INTERNAL_ERROR",
  "SERVICE_UNAVAILABLE",
];

/**
 * Whether trying again can help after an error (rule 5). A code of a later server is judged by its HTTP status; over a
 * socket there is none, and then it is final.
 */
export function isRetryableError(code: string, status?: number): boolean {
  const ofStatus = status !== undefined && (status === 429 || status >= 500);
  return ofStatus || (RETRYABLE as readonly string[]).includes(code);
}

/** What went wrong, as a value. It crosses the boundary of an object without becoming an exception. */
export interface Failure {
  code: ErrorCode;
  message: string;
  details?: Record<string, unknown>;
}

/**
 * Describes a failure.
 * @param message replaces the table's text where there is something more useful to say.
 */
export function failure(
  code: ErrorCode,
  message: string = ERRORS[code].message,
  details?: Record<string, unknown>,
): Failure {
  return details ? { code, message, details } : { code, message };
}

/** Close codes of a socket (rule 23). */
export const CLOSE = {
  BAD_FRAME: 4002,
  NOT_AUTHORISED: 4004,
  RATE_LIMITED: 4008,
  TOKEN_EXPIRED: 4009,
  TOO_SLOW: 4010,
  RESTARTED: 4010,
  REMOVED: 4011,
  DEACTIVATED: 4012,
  BANNED: 4012,
  FRAME_TOO_LARGE: 1009,
} as const;
export type CloseKind = keyof typeof CLOSE;

/** The `error` that is sent before each close: some clients learn of the close itself many seconds later. */
const CLOSE_FAILURES: Record<CloseKind, Failure> = {
  BAD_FRAME: failure("VALIDATION_ERROR", "Too many invalid frames"),
  NOT_AUTHORISED: failure("FORBIDDEN", "This socket may no longer be used"),
  RATE_LIMITED: failure("RATE_LIMIT_EXCEEDED"),
  TOKEN_EXPIRED: failure("UNAUTHORIZED", "Token expired"),
  TOO_SLOW: failure("SERVICE_UNAVAILABLE", "The client reads too slowly; connect again and resume"),
  RESTARTED: failure(
    "SERVICE_UNAVAILABLE",
    "The conversation goes back to an earlier state; connect again and resume",
  ),
  REMOVED: failure("FORBIDDEN", "You are no longer in this conversation"),
  DEACTIVATED: failure("USER_DEACTIVATED"),
  BANNED: failure("BANNED"),
  FRAME_TOO_LARGE: failure("PAYLOAD_TOO_LARGE", "The frame is too large"),
};

/**
 * The failure to send before a close, with the code of the close.
 * @param reason what the client has done, if there is more to say than the table does.
 */
export function closeFailure(kind: CloseKind, reason: Failure = CLOSE_FAILURES[kind]): Failure {
  return { ...reason, details: { ...reason.details, close_code: CLOSE[kind] } };
}
