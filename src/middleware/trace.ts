/** Gives each request its trace: the caller's, by `traceparent` (W3C Trace Context), or a new one. */
import { createMiddleware } from "hono/factory";
import type { RequestIdVariables } from "hono/request-id";
import { traceOfRequest } from "../domain/trace.ts";
import { inTrace } from "../tracing.ts";

export interface TraceVariables {
  /** The span of the caller, for the request's line. */
  parentSpanId: string | undefined;
}

/**
 * Runs the request in its trace, so that every line that it causes in the Worker has it, and calls of objects carry it on.
 * It comes after Hono's `requestId`, which takes letters, digits, `-`, `_` and `=` alone from a client: such a word is safe in a
 * line. A malformed `traceparent` begins a new trace and is no error.
 */
export function traced() {
  return createMiddleware<{ Variables: TraceVariables & RequestIdVariables }>(async function trace(c, next) {
    const { trace, parent_span_id } = traceOfRequest(c.req.header("traceparent"), c.get("requestId"));
    c.set("parentSpanId", parent_span_id);
    await inTrace(trace, next);
  });
}
