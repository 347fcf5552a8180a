/** Structured logs: one JSON object a line, never a token, a message's text or a person's name. */

type Level = "info" | "warn" | "error";

/**
 * Writes one line.
 * @param event a past fact, dotted: `consumer.failed`.
 */
export function log(level: Level, event: string, fields: Record<string, unknown> = {}): void {
  // biome-ignore lint/suspicious/noConsole: the one place that writes to the platform's log.
  console[level === "info" ? "log" : level](JSON.stringify({ level, event, ...fields }));
}

/** What the platform says when something fails. Of a message a log has these words, and nothing else. */
const REASONS = [
  /\bD1_(?:ERROR|EXEC_ERROR|TYPE_ERROR|COLUMN_NOTFOUND)\b/,
  /\bSQLITE_(?:ABORT|AUTH|BUSY|CANTOPEN|CONSTRAINT|CORRUPT|ERROR|FULL|INTERNAL|INTERRUPT|IOERR|LOCKED)(?![A-Z])/,
  /\bSQLITE_(?:MISMATCH|NOMEM|NOTADB|PERM|PROTOCOL|RANGE|READONLY|SCHEMA|TOOBIG)(?![A-Z])/,
  /network connection lost|overloaded|timed out|internal error|disconnected|database is locked/i,
  /object to be reset|exceeded its (?:cpu|memory) (?:time )?limit|code (?:has been|was) updated/i,
];
/** Frames of the stack that are logged. */
const FRAMES = 5;
/** Causes of causes that are looked at. */
const MAX_DEPTH = 5;

/** What a log may say of an error. */
export interface ErrorFields {
  /** The names of its class, and of what caused it. */
  error: string;
  /** Words of {@link REASONS}. */
  reason?: string;
  stack?: string[];
}

/**
 * What a log says of an error. Never its message: that of a query holds its parameters, which are names, texts and
 * searches, and that of a parser the text that it did not understand.
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

/** The name of an error's class, which not every library sets as its name. */
function nameOf(error: Error): string {
  const known = error.name === "Error" ? error.constructor.name : error.name;
  return /^\w{1,50}$/.test(known) ? known : "Error";
}

/** Where an error came up. A stack begins with the message, which may look like anything. */
function framesOf({ stack = "", message }: Error): string[] {
  const start = stack.indexOf(message);
  if (start < 0) return [];
  const lines = stack.slice(start + message.length).split("\n");
  return lines.flatMap((line) => /^\s+at .*/.exec(line)?.[0].trim() ?? []).slice(0, FRAMES);
}
