/** Bearer tokens: requested when needed, cached while they are valid, replaced before they expire. */
import type { EpochMs } from "@rocket-chat-api/protocol/facts";

/**
 * Returns a token. Called on the first use, when the last token is about to expire, and when the server has refused it.
 * @param refresh whether the last token is no longer good.
 */
export type TokenProvider = (request: { refresh: boolean }) => string | Promise<string>;

/** A token that expires within this time is not used any more, in milliseconds. */
const MARGIN_MS = 10_000;

export class Tokens {
  readonly #provide: TokenProvider;
  #token: string | undefined;
  #asking: Promise<string> | undefined;
  #failure: unknown;

  constructor(provide: TokenProvider) {
    this.#provide = provide;
  }

  /** The last error of the provider. */
  get failure(): unknown {
    return this.#failure;
  }

  /** A token that is valid for a while. */
  async get(): Promise<string> {
    const token = this.#token;
    if (token !== undefined && (expiryOf(token) ?? Number.POSITIVE_INFINITY) > Date.now() + MARGIN_MS)
      return token;
    return await this.#ask(token !== undefined);
  }

  /** A new token, because the last one is no longer good. All callers that wait for it get the same. */
  async renew(): Promise<string> {
    return await this.#ask(true);
  }

  async #ask(refresh: boolean): Promise<string> {
    // `finally` runs later than this line even where the provider throws at once.
    this.#asking ??= this.#provided(refresh).finally(() => {
      this.#asking = undefined;
    });
    return await this.#asking;
  }

  async #provided(refresh: boolean): Promise<string> {
    try {
      this.#token = await this.#provide({ refresh });
      return this.#token;
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }
}

/** When a token expires; undefined if it does not say. The token is read, not verified. */
export function expiryOf(token: string): EpochMs | undefined {
  const claims = claimsOf(token);
  return typeof claims?.exp === "number" ? claims.exp * 1000 : undefined;
}

/** The user of a token; undefined if it does not say. */
export function userOf(token: string): string | undefined {
  const { sub, user_id } = claimsOf(token) ?? {};
  const id = sub ?? user_id;
  return typeof id === "string" ? id.toLowerCase() : undefined;
}

function claimsOf(token: string): Record<string, unknown> | undefined {
  try {
    const payload = token.split(".")[1] ?? "";
    const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (char) =>
      char.charCodeAt(0),
    );
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof claims === "object" && claims !== null ? (claims as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
