/** Times for the one alarm that an object has. */
import type { EpochMs } from "./time.ts";

/** The earliest of the times that are set, or undefined. */
export function earliest(...times: (EpochMs | undefined)[]): EpochMs | undefined {
  let first: EpochMs | undefined;
  for (const time of times) if (time !== undefined && (first === undefined || time < first)) first = time;
  return first;
}

/** The longest pause between two attempts, in milliseconds. */
const MAX_BACKOFF_MS = 60_000;

/**
 * The pause before the next attempt: 1 s, doubled for each failure, at most one minute.
 * @param failures failed attempts in a row, at least 1.
 */
export function backoff(failures: number): number {
  return Math.min(1000 * 2 ** (failures - 1), MAX_BACKOFF_MS);
}
