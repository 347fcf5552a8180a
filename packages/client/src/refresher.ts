/** Extends an open connection before its token ends (`auth.refresh`, rule 4). */
import { expiryOf, type Tokens } from "./tokens.ts";

/** A token is replaced this long before it expires, or when a fifth of its time is left if that is less. In milliseconds. */
const LEAD_MS = 60_000;
/** Timers cannot wait longer than 24 days, so a long wait looks again after a day. */
const MAX_WAIT_MS = 24 * 3_600_000;
const MIN_WAIT_MS = 1_000;

export class Refresher {
  readonly #tokens: Tokens;
  readonly #send: (token: string) => Promise<unknown>;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param send tells the server of a new token. */
  constructor(tokens: Tokens, send: (token: string) => Promise<unknown>) {
    this.#tokens = tokens;
    this.#send = send;
  }

  /** Watches the connection that has just opened. */
  async start(): Promise<void> {
    this.stop();
    // Without a token there is nothing to watch: the next connection needs one first.
    const token = await this.#tokens.get().catch(() => undefined);
    const expiresAt = token && expiryOf(token);
    if (expiresAt) this.#watch(expiresAt);
  }

  stop(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #watch(expiresAt: number): void {
    const left = expiresAt - Date.now();
    const wait = Math.max(left - LEAD_MS, left * 0.8, MIN_WAIT_MS);
    this.stop();
    this.#timer = setTimeout(
      () => (wait > MAX_WAIT_MS ? this.#watch(expiresAt) : void this.#refresh(expiresAt)),
      Math.min(wait, MAX_WAIT_MS),
    );
  }

  async #refresh(expiresAt: number): Promise<void> {
    const timer = this.#timer;
    let next = expiresAt;
    try {
      const token = await this.#tokens.renew();
      await this.#send(token);
      next = expiryOf(token) ?? Number.POSITIVE_INFINITY;
    } catch {
      // The server closes with 4009 when the old token ends, and the next connection needs a new one.
    }
    // It was stopped or started again in between.
    if (timer !== this.#timer) return;
    if (next > expiresAt && next < Number.POSITIVE_INFINITY) this.#watch(next);
    else if (next === expiresAt && expiresAt - Date.now() > MIN_WAIT_MS) this.#watch(expiresAt);
  }
}
