/** An object has one alarm; these decide when it rings. */

/** The earliest of the times that are set, or undefined. All in milliseconds since 1970. */
export function earliest(...times: (number | undefined)[]): number | undefined {
  let first: number | undefined;
  for (const time of times) if (time !== undefined && (first === undefined || time < first)) first = time;
  return first;
}

/** Longest pause between two attempts, in milliseconds. */
const MAX_BACKOFF_MS = 60_000;

/**
 * Pause before the next attempt: 1 s, doubled for each failure, at most a minute.
 * @param failures attempts that have failed in a row, at least 1.
 */
export function backoff(failures: number): number {
  return Math.min(1000 * 2 ** (failures - 1), MAX_BACKOFF_MS);
}
