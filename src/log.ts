/** Structured logs: one JSON object a line, never a token, a message's text or a person's name. */

type Level = "info" | "warn" | "error";

/**
 * Writes one line.
 * @param event a past fact, dotted: `projection.failed`.
 */
export function log(level: Level, event: string, fields: Record<string, unknown> = {}): void {
  // biome-ignore lint/suspicious/noConsole: the one place that writes to the platform's log.
  console[level === "info" ? "log" : level](JSON.stringify({ level, event, ...fields }));
}
