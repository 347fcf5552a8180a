/** Times for the one alarm that an object has. */
import type { EpochMs } from "./time.ts";

/**
 * Milliseconds from a change to the alarm that looks after what it has caused: it saves how far the directory has been written and that
 * everybody was told, and goes on with what was interrupted. The platform puts an idle object away after ten seconds ("Durable Object
 * lifecycle"): the alarm must come before, or each quiet moment would be taken for a crash.
 */
export const SAFETY_NET_MS = 8_000;

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

/** The first pause of {@link retryPause}, and the longest, in milliseconds. */
const FIRST_RETRY_MS = 5_000;
const MAX_RETRY_MS = 300_000;

/**
 * The pause before an alarm tries again what it could not reach: 5 s, doubled for each failure, at most 5 minutes. Up to half of it
 * is left off by chance, so that objects that failed together do not come back together.
 * @param failures failed attempts in a row, at least 1.
 * @param random from 0 to 1.
 * @returns milliseconds.
 */
export function retryPause(failures: number, random: () => number = Math.random): number {
  const whole = Math.min(FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 30), MAX_RETRY_MS);
  return Math.round(whole * (1 - random() / 2));
}
