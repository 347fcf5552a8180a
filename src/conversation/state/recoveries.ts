/** What a conversation remembers of its recoveries (domain/recovery.ts): a few small values beside its tables. */
import type { ForgottenRange } from "../../domain/recovery.ts";

/** The last recovery that was made whole, and all numbers that were ever forgotten. */
interface Recovered {
  job_id: string;
  forgotten: readonly ForgottenRange[];
}

const RECOVERED = "recovered";
/** The recovery that is about to happen. It is gone with everything else that the earlier state does not have. */
const ARMED = "recovery_armed";

export class Recoveries {
  readonly #storage: Pick<DurableObjectStorage, "kv">;
  /** Null if there was none; undefined until it was asked for. */
  #known: Recovered | null | undefined;

  constructor(storage: Pick<DurableObjectStorage, "kv">) {
    this.#storage = storage;
  }

  get #recovered(): Recovered | null {
    if (this.#known === undefined) this.#known = this.#storage.kv.get<Recovered>(RECOVERED) ?? null;
    return this.#known;
  }

  /** All forgotten numbers. */
  get forgotten(): readonly ForgottenRange[] {
    return this.#recovered?.forgotten ?? [];
  }

  /** Whether a recovery has been made whole here. */
  isRecovered(jobId: string): boolean {
    return this.#recovered?.job_id === jobId;
  }

  /** Notes that a recovery has been made whole. */
  putRecovered(recovered: Recovered): void {
    this.#storage.kv.put(RECOVERED, recovered);
    this.#known = recovered;
  }

  /** Drops the copy in memory: it may have been taken back. */
  forget(): void {
    this.#known = undefined;
  }

  /** Whether this is still the state from before a recovery. */
  isArmed(jobId: string): boolean {
    return this.#storage.kv.get<string>(ARMED) === jobId;
  }

  /** Notes that a recovery is about to happen. */
  putArmed(jobId: string): void {
    this.#storage.kv.put(ARMED, jobId);
  }
}
