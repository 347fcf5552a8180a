/** Tells the application why there is no connection: each reason once, until there is one. */
import { type ClientError, explain, type FailureContext, isFinal, probe } from "./failure.ts";

export class FailureReporter {
  readonly #context: FailureContext;
  readonly #tell: (error: ClientError) => void;
  /** What was told since there was a connection. */
  readonly #told = new Set<string>();
  #isProbing = false;
  /** Rises with every connection: what a probe finds out about the time before is not told. */
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

  /** Whether it is pointless to go on after this error; if so, the application has been told. */
  isFinal(error: unknown): boolean {
    const reason = explain(error, this.#context.tokenFailure());
    if (!reason || !isFinal(reason)) return false;
    // `start` after it is a new beginning: it is told again.
    this.clear();
    this.#tell(reason);
    return true;
  }

  /** Tells why an attempt failed, after finding out where the error does not say it. */
  report(error: unknown): void {
    const reason = explain(error, this.#context.tokenFailure());
    if (reason) this.#once(reason);
    else void this.#probe(error);
  }

  async #probe(error: unknown): Promise<void> {
    // A socket that does not open costs a request to explain: once is enough, for all clients fail together.
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
