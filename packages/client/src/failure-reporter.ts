/** Tells the application why there is no connection: each reason once, until there is one. */
import { CLOSE } from "@rocket-chat-api/protocol/facts";
import { ApiError, pageOrigin } from "./errors.ts";
import { type ClientError, explain, type FailureContext, isFinal, probe } from "./failure.ts";
import type { ClientOptions } from "./options.ts";
import type { Tokens } from "./tokens.ts";

/** What the failures of a client are explained from. @param request any request that needs a token. */
export function failureContext(
  { url, fetch: fetcher = (target, init) => fetch(target, init) }: Pick<ClientOptions, "url" | "fetch">,
  tokens: Tokens,
  request: () => Promise<unknown>,
): FailureContext {
  return { url, fetch: fetcher, request, tokenFailure: () => tokens.failure, origin: pageOrigin() };
}

/** Why a socket was closed whose user is shut out. A request says whether it is a ban, why, and until when. */
async function shutOut({ request }: FailureContext): Promise<unknown> {
  try {
    await request();
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return error;
  }
  return new ApiError({ code: "USER_DEACTIVATED", message: "This user is deactivated" }, { status: 403 });
}

export class FailureReporter {
  readonly #context: FailureContext;
  readonly #tell: (error: ClientError) => void;
  /** What was reported since there was a connection. */
  readonly #told = new Set<string>();
  #isProbing = false;
  /** Rises with every connection: what a probe finds out about the time before is not reported. */
  #epoch = 0;

  constructor(context: FailureContext, tell: (error: ClientError) => void) {
    this.#context = context;
    this.#tell = tell;
  }

  /** There is a connection, or none is wanted. */
  clear(): void {
    this.#epoch += 1;
    this.#told.clear();
  }

  /**
   * Whether another attempt is pointless after an end; if so, this reports it.
   * @param code of the close. @param error what was thrown instead of a connection.
   */
  async isFinal(code: number, error: unknown): Promise<boolean> {
    const cause = code === CLOSE.DEACTIVATED ? await shutOut(this.#context) : error;
    const reason = explain(cause, this.#context.tokenFailure());
    if (!reason || !isFinal(reason)) return false;
    // `start` begins again: the reason is reported again.
    this.clear();
    this.#tell(reason);
    return true;
  }

  /** Reports why an attempt failed. Where the error does not say it, a probe finds out. */
  report(error: unknown): void {
    const reason = explain(error, this.#context.tokenFailure());
    if (reason) this.#once(reason);
    else void this.#probe(error);
  }

  async #probe(error: unknown): Promise<void> {
    // To explain a socket that does not open costs a request: one is enough, since all clients fail together.
    if (this.#isProbing || (error === undefined && this.#told.size > 0)) return;
    this.#isProbing = true;
    const epoch = this.#epoch;
    try {
      const reason = await probe(error, this.#context);
      if (epoch === this.#epoch) this.#once(reason);
    } finally {
      this.#isProbing = false;
    }
  }

  #once(reason: ClientError): void {
    const key = `${reason.code} ${reason.message}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#tell(reason);
  }
}
