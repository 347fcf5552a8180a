/** Whether something failed because a part of the system is away, which a retry may outlast, or because of a bug. */
import type { ErrorCode } from "@rocket-chat-api/protocol";

/** Properties by which the platform marks a failed call to an object. */
const MARKS = ["retryable", "overloaded", "durableObjectReset"] as const;

/** What the platform says of D1, R2, objects and their storage when they are away and nothing else tells. */
const OUTAGE =
  /\bD1_\w*ERROR|\bD1 DB\b|SQLITE_(?:BUSY|LOCKED|IOERR|FULL|CANTOPEN|PROTOCOL|INTERRUPT|NOMEM|READONLY)|database (?:table )?is locked|disk I\/O error|database or disk is full|\bdurable object\b|\bactor\b|network connection|disconnected|connection (?:lost|refused|reset|closed)|overloaded|internal error/i;

/** So many causes of causes are looked at. */
const MAX_DEPTH = 5;

/** The code of an unexpected error: `SERVICE_UNAVAILABLE` for an outage. */
export function codeOf(error: unknown): Extract<ErrorCode, "SERVICE_UNAVAILABLE" | "INTERNAL_ERROR"> {
  return isOutage(error) ? "SERVICE_UNAVAILABLE" : "INTERNAL_ERROR";
}

/** Whether an error, or what caused it, is an outage. */
export function isOutage(error: unknown): boolean {
  let one: unknown = error;
  for (let depth = 0; depth < MAX_DEPTH && isObject(one); depth++) {
    const known = one;
    if (MARKS.some((mark) => known[mark] === true)) return true;
    // Drizzle's word for a query that D1 did not answer. Its message holds the clients' own words, so it tells nothing.
    if ("query" in known && "params" in known) return true;
    if (typeof known.message === "string" && OUTAGE.test(known.message)) return true;
    one = known.cause;
  }
  return false;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
