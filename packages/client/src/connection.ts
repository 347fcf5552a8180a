/** Keeps a connection: opens it, and opens another whenever it ends, after growing random pauses. */
import type { ServerEvent } from "@rocket-chat-api/protocol";
import { CLOSE } from "@rocket-chat-api/protocol/facts";
import { type BackoffOptions, pause, pauseAfter } from "./backoff.ts";
import { ApiError, ConnectionLost } from "./errors.ts";
import { type Command, Link, type LinkOptions } from "./link.ts";

/** `waiting` is a pause between two attempts. */
export type ConnectionStatus = "idle" | "connecting" | "open" | "waiting";

/** A connection that lasted this long was a good one: the next pause is short again. In milliseconds. */
const STABLE_MS = 5_000;
/** How long a connection lasted that never opened. */
const NEVER_OPEN = Number.NEGATIVE_INFINITY;
/** The least pause after "rate limited", in milliseconds. */
const RATE_LIMITED_MS = 5_000;

export interface ConnectionOptions extends Omit<LinkOptions, "url"> {
  /**
   * The address of the socket, with credentials. Called before every attempt. It throws if there is none.
   * @param lean whether to ask for the short form of events.
   */
  url(lean: boolean): Promise<string>;
  backoff: BackoffOptions;
}

export interface ConnectionEvents {
  status(status: ConnectionStatus): void;
  heard(event: ServerEvent): void;
  /**
   * A connection has ended.
   * @param wasOpen whether it ever was.
   * @param error what was thrown instead of a connection; undefined where a socket ended.
   * @returns whether to open another.
   */
  ended(code: number, reason: string, wasOpen: boolean, error: unknown): boolean | Promise<boolean>;
}

/** How a connection ended. */
interface End {
  code: number;
  reason: string;
  lasted_ms: number;
  /** What was thrown instead of a connection. */
  error?: unknown;
}

export class Connection {
  readonly #options: ConnectionOptions;
  readonly #events: ConnectionEvents;
  #status: ConnectionStatus = "idle";
  #link: Link | undefined;
  /** Until a frame could not be read: full events need nothing that was sent before. */
  #lean = true;
  /** Ends the loop that keeps this connection; undefined while it is idle. */
  #stop: AbortController | undefined;

  constructor(options: ConnectionOptions, events: ConnectionEvents) {
    this.#options = options;
    this.#events = events;
  }

  get status(): ConnectionStatus {
    return this.#status;
  }

  /** Whether a command that is sent now has a chance. */
  get isOpen(): boolean {
    return this.#status === "open" && this.#link?.isOver === false;
  }

  /** Starts to keep the connection. */
  start(): void {
    if (this.#stop) return;
    this.#stop = new AbortController();
    void this.#keep(this.#stop.signal);
  }

  /** Ends the connection for good. */
  stop(): void {
    this.#stop?.abort();
    this.#stop = undefined;
    this.#link?.end(1000, "");
    this.#turn("idle");
  }

  /** Ends this connection; another is opened as after any other end. */
  renew(): void {
    this.#link?.end(1000, "");
  }

  /** Sends a command that is not answered; without a connection it is lost. */
  tell(command: Command): void {
    if (this.isOpen) this.#link?.tell(command);
  }

  /** Sends a command and waits for its answer. */
  async ask(command: Command): Promise<unknown> {
    if (!this.isOpen || !this.#link) throw new ConnectionLost("there is no connection");
    return await this.#link.ask(command);
  }

  async #keep(stop: AbortSignal): Promise<void> {
    for (let failures = 0; !stop.aborted; ) {
      this.#turn("connecting");
      const { code, reason, lasted_ms, error } = await this.#once(stop);
      if (stop.aborted) return;
      this.#turn("waiting");
      const goesOn = await this.#events.ended(code, reason, lasted_ms !== NEVER_OPEN, error);
      if (stop.aborted) return;
      if (!goesOn) return this.stop();
      failures = lasted_ms >= STABLE_MS ? 1 : failures + 1;
      const asked = error instanceof ApiError ? (error.retry_after_ms ?? 0) : 0;
      const least = Math.max(asked, code === CLOSE.RATE_LIMITED ? RATE_LIMITED_MS : 0);
      await pause(least + pauseAfter(failures, this.#options.backoff), stop);
    }
  }

  /** One connection, until its end. An error on the way is an end too. */
  async #once(stop: AbortSignal): Promise<End> {
    let openedAt: number | undefined;
    const heard = (event: ServerEvent): void => {
      if (event.type === "connection.established") {
        openedAt = Date.now();
        this.#turn("open");
      }
      this.#events.heard(event);
    };
    try {
      const url = await this.#options.url(this.#lean);
      if (stop.aborted) return { code: 1000, reason: "", lasted_ms: NEVER_OPEN };
      const end = await new Promise<{ code: number; reason: string }>((resolve) => {
        const ended = (code: number, reason: string): void => resolve({ code, reason });
        this.#link = new Link({ ...this.#options, url }, { heard, ended });
      });
      if (end.code === CLOSE.BAD_FRAME) this.#lean = false;
      return { ...end, lasted_ms: openedAt === undefined ? NEVER_OPEN : Date.now() - openedAt };
    } catch (error) {
      return { code: codeOf(error), reason: String(error), lasted_ms: NEVER_OPEN, error };
    }
  }

  #turn(status: ConnectionStatus): void {
    if (this.#status === status) return;
    this.#status = status;
    this.#events.status(status);
  }
}

/** The close code that corresponds to a refusal before the handshake. */
function codeOf(error: unknown): number {
  return error instanceof ApiError && error.status === 401 ? CLOSE.NOT_AUTHORISED : 1006;
}
