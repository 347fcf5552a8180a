/** The result of a command or query as a value, because exceptions do not cross the border of an object intact. */
import { type ErrorCode, type Failure, failure } from "@rocket-chat-api/protocol";

export type Outcome<T> = { ok: true; status: 200 | 201; body: T } | { ok: false; error: Failure };

/** A success (200). */
export function found<T>(body: T): Outcome<T> {
  return { ok: true, status: 200, body };
}

/** A success that created something (201). */
export function created<T>(body: T): Outcome<T> {
  return { ok: true, status: 201, body };
}

/** A refusal. Nothing was changed. @param reason the failure, or the code of one. */
export function refused(
  reason: Failure | ErrorCode,
  message?: string,
  details?: Record<string, unknown>,
): { ok: false; error: Failure } {
  return { ok: false, error: typeof reason === "string" ? failure(reason, message, details) : reason };
}
