/** One table for every error that leaves the server: its code, HTTP status, and whether a retry can help. */

interface ErrorKind {
  status: 400 | 401 | 403 | 404 | 405 | 409 | 413 | 429 | 500 | 503;
  message: string;
  retryable: boolean;
}

/** Guide section 5, and rule 5 of the contract. */
export const ERRORS = {
  UNAUTHORIZED: { status: 401, message: "Authentication required", retryable: false },
  FORBIDDEN: { status: 403, message: "Access denied", retryable: false },
  USER_DEACTIVATED: { status: 403, message: "This user is deactivated", retryable: false },
  BANNED: { status: 403, message: "This user is banned", retryable: false },
  BLOCKED: {
    status: 403,
    message: "Nobody can write here: one of the two has blocked the other",
    retryable: false,
  },
  MUTED: { status: 403, message: "You are muted in this conversation", retryable: false },
  FROZEN: { status: 403, message: "This conversation is frozen", retryable: false },
  NOT_ACCEPTED: { status: 403, message: "This user does not accept that", retryable: false },
  NOT_FOUND: { status: 404, message: "Resource not found", retryable: false },
  METHOD_NOT_ALLOWED: { status: 405, message: "This path does not support this method", retryable: false },
  CONVERSATION_NOT_FOUND: { status: 404, message: "Conversation not found", retryable: false },
  VALIDATION_ERROR: { status: 400, message: "The request is not valid", retryable: false },
  MESSAGE_TOO_LONG: { status: 400, message: "Message exceeds maximum length", retryable: false },
  CONTENT_REJECTED: { status: 400, message: "The content is not allowed here", retryable: false },
  INVALID_ATTACHMENT: { status: 400, message: "Invalid attachment", retryable: false },
  CONFLICT: { status: 409, message: "The request conflicts with the current state", retryable: false },
  LIMIT_REACHED: { status: 409, message: "The maximum number is reached", retryable: false },
  PAYLOAD_TOO_LARGE: { status: 413, message: "The request is too large", retryable: false },
  SLOW_MODE: { status: 429, message: "Slow mode: wait before you send again", retryable: true },
  RATE_LIMIT_EXCEEDED: { status: 429, message: "Too many requests", retryable: true },
  INTERNAL_ERROR: { status: 500, message: "Internal server error", retryable: true },
  SERVICE_UNAVAILABLE: { status: 503, message: "Service temporarily unavailable", retryable: true },
} as const satisfies Record<string, ErrorKind>;

/** A code of {@link ERRORS}. */
export type ErrorCode = keyof typeof ERRORS;

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
