/**
 * What ties the lines of the log together that come of one request: W3C Trace Context, level 1
 * (www.w3.org/TR/trace-context-1), and the request's id. Pure, but for new ids.
 */

/**
 * A trace as it travels from the Worker to objects, with sockets and with rows: a `traceparent` of our own and, after a space,
 * the request's id, if a request began it. One short string, because it goes with messages; it is taken apart when a line is
 * written.
 */
export type Trace = string;

/** The parts of a trace as they stand in a line of the log. */
export interface TraceFields {
  /** What `X-Request-Id` says of the request that began it. */
  request_id?: string;
  trace_id: string;
  /** Our part of the trace: of a request, or of one push. */
  span_id: string;
}

/** A request's trace, and whose call it was. */
export interface RequestTrace {
  trace: Trace;
  /** The span of the caller; undefined if its request did not name one. */
  parent_span_id: string | undefined;
}

/** A `traceparent` that can be believed. */
export interface TraceParent {
  trace_id: string;
  span_id: string;
  /** Whether the caller may have recorded its part. */
  is_sampled: boolean;
}

/** Makes random bytes as lower-case hexadecimal digits. @param bytes how many. */
export type RandomHex = (bytes: number) => string;

/** Bytes of the two ids (section 3.2.2 of the recommendation). */
const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;
/** Characters of a `traceparent` of version 00. */
const LENGTH = 55;
/** Of any version: that, the two ids, and the flags. A later version may add more, behind a hyphen. */
const FORM = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
/** Ids of zeros alone are invalid. */
const ZEROS = /^0+$/;
/** The one flag of level 1. Others must not be passed on. */
const SAMPLED = 1;

/** Reads a `traceparent` header. @returns undefined if it is missing or malformed: then a new trace begins. */
export function parseTraceparent(header: string | undefined): TraceParent | undefined {
  const [, version, trace_id = "", span_id = "", flags = "", more] = FORM.exec(header ?? "") ?? [];
  // Version ff is forbidden, and version 00 has nothing behind its flags.
  if (version === undefined || version === "ff" || (version === "00" && more !== undefined)) return undefined;
  if (ZEROS.test(trace_id) || ZEROS.test(span_id)) return undefined;
  return { trace_id, span_id, is_sampled: (Number.parseInt(flags, 16) & SAMPLED) !== 0 };
}

/** The trace of a request: the caller's, with a span of our own, or a new one. @param requestId one word. */
export function traceOfRequest(
  header: string | undefined,
  requestId: string,
  random: RandomHex = randomHex,
): RequestTrace {
  const parent = parseTraceparent(header);
  if (!parent) return { trace: newTrace(requestId, random), parent_span_id: undefined };
  const { trace_id, span_id, is_sampled } = parent;
  const traceparent = format(trace_id, newId(SPAN_ID_BYTES, random), is_sampled ? "01" : "00");
  return { trace: `${traceparent} ${requestId}`, parent_span_id: span_id };
}

/** A trace that begins here. @param requestId undefined if no request began it, as with an alarm. */
export function newTrace(requestId?: string, random: RandomHex = randomHex): Trace {
  // All that we do is in the log, so it counts as recorded.
  const traceparent = format(newId(TRACE_ID_BYTES, random), newId(SPAN_ID_BYTES, random), "01");
  return requestId === undefined ? traceparent : `${traceparent} ${requestId}`;
}

/** The same trace with a span of its own, for a step whose beginning and end are in the log. */
export function childOf(trace: Trace, random: RandomHex = randomHex): Trace {
  const { trace_id } = traceFields(trace);
  return (
    format(trace_id, newId(SPAN_ID_BYTES, random), trace.slice(LENGTH - 2, LENGTH)) + trace.slice(LENGTH)
  );
}

/** What a line of the log says of a trace. */
export function traceFields(trace: Trace): TraceFields {
  const request_id = trace.slice(LENGTH + 1);
  const ids = { trace_id: trace.slice(3, 35), span_id: trace.slice(36, 52) };
  return request_id === "" ? ids : { request_id, ...ids };
}

/** The `request_id` of a frame as the log may have it: a short word that its client has made up. Undefined for all else. */
export function safeToken(value: string | number | undefined): string | undefined {
  return value !== undefined && /^[\w.:=-]{1,64}$/.test(String(value)) ? String(value) : undefined;
}

function format(traceId: string, spanId: string, flags: string): Trace {
  return `00-${traceId}-${spanId}-${flags}`;
}

/** A new id. Zeros alone would be invalid. */
function newId(bytes: number, random: RandomHex): string {
  let id: string;
  do id = random(bytes);
  while (ZEROS.test(id));
  return id;
}

function randomHex(bytes: number): string {
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
