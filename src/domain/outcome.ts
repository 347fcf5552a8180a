/** The result of a command or a question: a value either way, so that it crosses an object's boundary unharmed. */
import { type ErrorCode, type Failure, failure } from "@rocket-chat-api/protocol";

export type Outcome<T> = { ok: true; status: 200 | 201; body: T } | { ok: false; error: Failure };

/** A success that found what it answers with. */
export function found<T>(body: T): Outcome<T> {
  return { ok: true, status: 200, body };
}

/** A success that made what it answers with. */
export function created<T>(body: T): Outcome<T> {
  return { ok: true, status: 201, body };
}

/** A refusal; nothing was changed. */
export function refused(
  code: ErrorCode,
  message?: string,
  details?: Record<string, unknown>,
): { ok: false; error: Failure } {
  return { ok: false, error: failure(code, message, details) };
}
