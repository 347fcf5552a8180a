/** Structured logs: one JSON object a line. Never logs tokens, message texts or names. */

import { type Trace, traceFields } from "./domain/trace.ts";
import { metrics } from "./metrics/metrics.ts";
import { currentTrace } from "./tracing.ts";

type Level = "info" | "warn" | "error";

/**
 * Writes one line.
 * @param event a past fact, dotted: `consumer.failed`.
 * @param trace of what the line is about, where that is not the running one; null if it has none.
 */
export function log(
  level: Level,
  event: string,
  fields: Record<string, unknown> = {},
  trace: Trace | null | undefined = currentTrace(),
): void {
  if (level !== "info") metrics.add("failures", 1, event);
  // biome-ignore lint/suspicious/noConsole: the one place that writes to the platform's log.
  console[level === "info" ? "log" : level](
    JSON.stringify({ level, event, ...fields, ...(trace && traceFields(trace)) }),
  );
}

/** Words of platform errors that are safe to log. Nothing else of an error's message is logged. */
const REASONS = [
  /\bD1_(?:ERROR|EXEC_ERROR|TYPE_ERROR|COLUMN_NOTFOUND)\b/,
  /\bSQLITE_(?:ABORT|AUTH|BUSY|CANTOPEN|CONSTRAINT|CORRUPT|ERROR|FULL|INTERNAL|INTERRUPT|IOERR|LOCKED)(?![A-Z])/,
  /\bSQLITE_(?:MISMATCH|NOMEM|NOTADB|PERM|PROTOCOL|RANGE|READONLY|SCHEMA|TOOBIG)(?![A-Z])/,
  /network connection lost|overloaded|timed out|internal error|disconnected|database is locked/i,
  /object to be reset|exceeded its (?:cpu|memory) (?:time )?limit|code (?:has been|was) updated/i,
];
/** Stack frames to log. */
const FRAMES = 5;
/** Nested causes to examine. */
const MAX_DEPTH = 5;

/** The parts of an error that may be logged. */
interface ErrorFields {
  /** The class names of the error and its causes. */
  error: string;
  /** Words of {@link REASONS}. */
  reason?: string;
  stack?: string[];
}

/**
 * The loggable parts of an error. Its message is never logged: a query's message contains its parameters (names, texts,
 * searches), and a parser's message contains its input.
 */
export function errorFields(error: unknown): ErrorFields {
  const causes: Error[] = [];
  for (let one = error; one instanceof Error && causes.length < MAX_DEPTH; one = one.cause) causes.push(one);
  const reasons = causes.flatMap(({ message }) =>
    REASONS.flatMap((reason) => reason.exec(String(message))?.[0].toLowerCase() ?? []),
  );
  const stack = causes[0] && framesOf(causes[0]);
  return {
    error: causes.map(nameOf).join(" < ") || `thrown ${typeof error}`,
    ...(reasons.length > 0 ? { reason: [...new Set(reasons)].join(", ") } : {}),
    ...(stack && stack.length > 0 ? { stack } : {}),
  };
}

/** The class name of an error. Not every library sets `name`. */
function nameOf(error: Error): string {
  const known = error.name === "Error" ? error.constructor.name : error.name;
  return /^\w{1,50}$/.test(known) ? known : "Error";
}

/** The stack frames of an error, without the message at the start of the stack. */
function framesOf({ stack = "", message }: Error): string[] {
  const start = stack.indexOf(message);
  if (start < 0) return [];
  const lines = stack.slice(start + message.length).split("\n");
  return lines.flatMap((line) => /^\s+at .*/.exec(line)?.[0].trim() ?? []).slice(0, FRAMES);
}
