/** What has changed in all conversations, those included that this client does not know yet (`GET /sync`). */
import type { SyncPage } from "@rocket-chat-api/protocol";
import { type BackoffOptions, pause, pauseAfter } from "./backoff.ts";
import { isRetryable } from "./errors.ts";

/** Milliseconds between two looks at all conversations, unless the options say otherwise. */
const CATCH_UP_MS = 5 * 60_000;

/** What it needs of its client. */
export interface CatchUpHost {
  fetch(since: string | undefined): Promise<SyncPage>;
  take(page: SyncPage): void;
  isOnline(): boolean;
  backoff: BackoffOptions;
}

export class CatchUp {
  readonly #host: CatchUpHost;
  /** `since` of the next page: of the last run of the application too, where a store has kept it. */
  token: string | undefined;
  #hasBegun = false;
  #running: Promise<void> | undefined;
  #again = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #interval: ReturnType<typeof setInterval> | undefined;

  constructor(host: CatchUpHost) {
    this.#host = host;
  }

  /** Catches up. A call during a run makes it run once more. Resolves when that is done, or offline. */
  async run(): Promise<void> {
    if (this.#running) this.#again = true;
    this.#running ??= this.#all().finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  /**
   * There is a connection: catches up, and again every `every_ms`. At once the first time, later after a random pause:
   * clients that lost their connections together should not ask together.
   */
  start(every_ms = CATCH_UP_MS): void {
    this.stop();
    this.#interval = setInterval(() => void this.run(), every_ms);
    if (!this.#hasBegun) void this.run();
    else this.#timer ??= setTimeout(() => this.#due(), pauseAfter(2, this.#host.backoff));
  }

  /** There is no connection. */
  stop(): void {
    if (this.#interval !== undefined) clearInterval(this.#interval);
  }

  #due(): void {
    this.#timer = undefined;
    if (this.#host.isOnline()) void this.run();
  }

  async #all(): Promise<void> {
    do {
      this.#again = false;
      await this.#pages();
    } while (this.#again);
  }

  async #pages(): Promise<void> {
    for (let failures = 0, more = true; more; ) {
      try {
        const page = await this.#host.fetch(this.token);
        this.#host.take(page);
        this.token = page.next_token;
        this.#hasBegun = true;
        more = page.has_more;
        failures = 0;
      } catch (error) {
        // The next connection begins with this anyway, and a final refusal stays one.
        if (!this.#host.isOnline() || !isRetryable(error)) return;
        failures += 1;
        await pause(pauseAfter(failures, this.#host.backoff));
      }
    }
  }
}
