/** Tells outages, which a retry may survive, from bugs. */
import type { ErrorCode } from "@rocket-chat-api/protocol";

/** Properties that the platform sets on a failed call to an object. */
const MARKS = ["retryable", "overloaded", "durableObjectReset"] as const;

/** Error messages of the platform for unavailable D1, R2, objects and storage that have no such property. */
const OUTAGE =
  /\bD1_\w*ERROR|\bD1 DB\b|SQLITE_(?:BUSY|LOCKED|IOERR|FULL|CANTOPEN|PROTOCOL|INTERRUPT|NOMEM|READONLY)|database (?:table )?is locked|disk I\/O error|database or disk is full|\bdurable object\b|\bactor\b|network connection|disconnected|connection (?:lost|refused|reset|closed)|overloaded|internal error/i;

/** How many nested causes are examined. */
const MAX_DEPTH = 5;

/** The code of an unexpected error: `SERVICE_UNAVAILABLE` for an outage. */
export function codeOf(error: unknown): Extract<ErrorCode, "SERVICE_UNAVAILABLE" | "INTERNAL_ERROR"> {
  return isOutage(error) ? "SERVICE_UNAVAILABLE" : "INTERNAL_ERROR";
}

/** Whether an error or one of its causes is an outage. */
function isOutage(error: unknown): boolean {
  let one: unknown = error;
  for (let depth = 0; depth < MAX_DEPTH && isObject(one); depth++) {
    const known = one;
    if (MARKS.some((mark) => known[mark] === true)) return true;
    // Drizzle's error for a query that D1 did not answer. Its message contains user input, so it is not matched.
    if ("query" in known && "params" in known) return true;
    if (typeof known.message === "string" && OUTAGE.test(known.message)) return true;
    one = known.cause;
  }
  return false;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
