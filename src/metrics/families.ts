/** Every metric of the service: its name, kind, labels and, of a histogram, its buckets. docs/operating.md describes each. */

/** What is declared of a metric. */
export interface Family {
  /** `total` counts what has happened; `histogram` spreads values over buckets. */
  kind: "total" | "histogram";
  help: string;
  labels: readonly string[];
  /** Upper bounds of the buckets, ascending. The last one, without a bound, is implied. */
  buckets: readonly number[];
}

const total = (help: string, ...labels: string[]): Family => ({ kind: "total", help, labels, buckets: [] });
const histogram = (help: string, buckets: readonly number[], ...labels: string[]): Family => ({
  kind: "histogram",
  help,
  labels,
  buckets,
});

/** Of answers and deliveries, in seconds. */
const QUICK = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
/** Of work in the background, in seconds. */
const SLOW = [0.1, 0.5, 1, 2, 5, 15, 30, 60, 300];
const SIZES = [1, 2, 4, 8, 16, 32, 64, 128];

/** Names without the prefix `rocket_chat_`. */
export const FAMILIES = {
  requests: total("Requests that were answered", "method", "route", "status"),
  request_seconds: histogram("From a request to its answer", QUICK),
  messages: total("Messages that got their place in a conversation, without system messages"),
  deliveries: total("Messages that were written to a socket", "at"),
  delivery_seconds: histogram(
    "From a frame or a change to the sockets: of the conversation itself, or behind a user's hub",
    QUICK,
    "at",
  ),
  commits: total("Turns of conversations that changed something"),
  turn_changes: histogram("Changes in a turn that changed something", SIZES),
  projection_lag_seconds: histogram("From a change to its copy at a consumer", SLOW, "consumer"),
  resumes: total("Conversations that a client was brought up to date in", "kind"),
  sockets_opened: total("Sockets that were accepted", "at"),
  sockets_closed: total("Sockets that have closed, by the close code", "at", "code"),
  refusals: total("Requests, commands and sockets that were refused, by the code of the error", "code"),
  rate_limited: total("Refusals because a budget was used up", "budget"),
  pushes: total("Pushes, by what their provider said", "provider", "result"),
  store_seconds: histogram("Answers of D1 and R2", QUICK, "store"),
  store_errors: total("Failures of D1 and R2", "store"),
  failures: total("What the log has as a warning or an error, by its event", "event"),
  attachments_collected: total("Files that nobody could see any more, and that were deleted"),
} as const satisfies Record<string, Family>;

export type FamilyName = keyof typeof FAMILIES;

/** Labels with so many values together that they may be cut off; all others have a few. */
export const OPEN_LABELS: ReadonlySet<string> = new Set(["method", "route", "code"]);

/** What every name begins with. */
export const PREFIX = "rocket_chat_";
