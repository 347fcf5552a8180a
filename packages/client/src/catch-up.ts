/** What has changed in all conversations, those included that this client does not know yet (`GET /sync`). */
import type { SyncPage } from "@rocket-chat-api/protocol";
import { type BackoffOptions, pause, pauseAfter } from "./backoff.ts";
import { isRetryable } from "./errors.ts";

/** What it needs of its client. */
export interface CatchUpHost {
  fetch(since: string | undefined): Promise<SyncPage>;
  take(page: SyncPage): void;
  isOnline(): boolean;
  backoff: BackoffOptions;
}

export class CatchUp {
  readonly #host: CatchUpHost;
  #token: string | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: CatchUpHost) {
    this.#host = host;
  }

  /** Catches up; asked while it is at it, it does so once more. Resolves when that is done, or offline. */
  async run(): Promise<void> {
    if (this.#running) this.#again = true;
    this.#running ??= this.#all().finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  /** Catches up at once the first time, later after a random pause: clients cut off together should not ask together. */
  soon(): void {
    if (this.#token === undefined) void this.run();
    else this.#timer ??= setTimeout(() => this.#due(), pauseAfter(2, this.#host.backoff));
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
        const page = await this.#host.fetch(this.#token);
        this.#host.take(page);
        this.#token = page.next_token;
        more = page.has_more;
        failures = 0;
      } catch (error) {
        // Offline, the next connection begins with this anyway; a refusal for good stays one.
        if (!this.#host.isOnline() || !isRetryable(error)) return;
        failures += 1;
        await pause(pauseAfter(failures, this.#host.backoff));
      }
    }
  }
}
