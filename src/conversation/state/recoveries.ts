/** What a conversation remembers of its recoveries (domain/recovery.ts): a few small values beside its tables. */
import type { ForgottenRange } from "../../domain/recovery.ts";

/** The last recovery that was made whole, and all numbers that were ever forgotten. */
interface Recovered {
  job_id: string;
  forgotten: ForgottenRange[];
}

const RECOVERED = "recovered";
/** The recovery that is about to happen. It is gone with everything else that the earlier state does not have. */
const ARMED = "recovery_armed";

type Kv = Pick<DurableObjectStorage, "kv">;

/** The last recovery; undefined if there was none. */
function recoveredIn({ kv }: Kv): Recovered | undefined {
  return kv.get<Recovered>(RECOVERED);
}

/** All forgotten numbers. */
export function forgottenIn(storage: Kv): ForgottenRange[] {
  return recoveredIn(storage)?.forgotten ?? [];
}

/** Whether a recovery has been made whole here. */
export function isRecovered(storage: Kv, jobId: string): boolean {
  return recoveredIn(storage)?.job_id === jobId;
}

/** Notes that a recovery has been made whole. */
export function putRecovered({ kv }: Kv, recovered: Recovered): void {
  kv.put(RECOVERED, recovered);
}

/** Whether this is still the state from before a recovery. */
export function isArmed({ kv }: Kv, jobId: string): boolean {
  return kv.get<string>(ARMED) === jobId;
}

/** Notes that a recovery is about to happen. */
export function putArmed({ kv }: Kv, jobId: string): void {
  kv.put(ARMED, jobId);
}
