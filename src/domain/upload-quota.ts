/** The day of a daily upload limit. Days are UTC. */
import type { EpochMs } from "./time.ts";

const DAY_MS = 24 * 3600 * 1000;

/** Days since 1970. */
export function dayOf(now: EpochMs): number {
  return Math.floor(now / DAY_MS);
}

/** Seconds until the next day begins, at least 1. */
export function secondsUntilNextDay(now: EpochMs): number {
  return Math.ceil(((dayOf(now) + 1) * DAY_MS - now) / 1000);
}
