/** Tokens whose signature was checked a moment ago: the requests of a client that come together check it once. */
import type { JWTPayload } from "jose";
import type { EpochMs } from "../domain/time.ts";

/** How long a check holds, in milliseconds. Keys are fetched again less often than that. */
const HOLDS_MS = 60_000;
/** Most tokens kept. */
const MAX_TOKENS = 1_000;

interface Checked {
  claims: JWTPayload;
  at: EpochMs;
}

export class CheckedTokens {
  readonly #checked = new Map<string, Checked>();

  /** The claims of a token that was checked and has not ended; undefined if it must be checked. */
  claimsOf(token: string, now: EpochMs): JWTPayload | undefined {
    const checked = this.#checked.get(token);
    if (!checked) return undefined;
    const { claims, at } = checked;
    if (now >= at && now < at + HOLDS_MS && (claims.exp ?? 0) * 1000 > now) return claims;
    this.#checked.delete(token);
    return undefined;
  }

  /** A token has passed the check. */
  add(token: string, claims: JWTPayload, now: EpochMs): void {
    if (this.#checked.size >= MAX_TOKENS) {
      const [oldest] = this.#checked.keys();
      if (oldest !== undefined) this.#checked.delete(oldest);
    }
    this.#checked.set(token, { claims, at: now });
  }
}
