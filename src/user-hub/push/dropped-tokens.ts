/** Lets the directory forget the tokens that no device has any more. What it could not be told is told by the alarm. */
import { retryPause } from "../../domain/deadlines.ts";
import type { EpochMs } from "../../domain/time.ts";
import { errorFields, log } from "../../log.ts";
import type { DroppedToken, TokenRows } from "./token-rows.ts";

/** Tokens that are forgotten at a time: a user has 25 devices. */
const PAGE = 50;

/** What it needs of its hub. */
export interface DroppedTokensHost {
  /** @returns the hashes of those that must stay for now: an earlier owner may still have them. */
  forget(tokens: readonly DroppedToken[]): Promise<string[]>;
  ringBy(time: EpochMs | undefined): void;
}

export class DroppedTokens {
  readonly #rows: TokenRows;
  readonly #host: DroppedTokensHost;
  #failures = 0;
  /** Before then nothing is tried again. Not written down: another life of this object tries once more. */
  #retryAt: EpochMs = 0;

  constructor(rows: TokenRows, host: DroppedTokensHost) {
    this.#rows = rows;
    this.#host = host;
  }

  /** Tells the directory, if there is something to tell and it is time. Never rejects. */
  async run(now: EpochMs): Promise<void> {
    const tokens = this.#rows.dropped(PAGE);
    if (tokens.length === 0) return;
    if (now < this.#retryAt) {
      this.#host.ringBy(this.#retryAt);
      return;
    }
    // If this object dies before the directory has answered, the alarm goes on.
    this.#wait(now);
    try {
      const kept = new Set(await this.#host.forget(tokens));
      for (const { token_hash, version } of tokens) {
        if (!kept.has(token_hash)) this.#rows.removeDropped({ token_hash, version });
      }
      if (kept.size > 0) return;
      this.#failures = 0;
      this.#retryAt = 0;
    } catch (error) {
      log("warn", "push.token_not_forgotten", { ...errorFields(error) });
    }
  }

  #wait(now: EpochMs): void {
    this.#failures += 1;
    this.#retryAt = now + retryPause(this.#failures);
    this.#host.ringBy(this.#retryAt);
  }
}
