/** Bytes that a user may upload in a day, which is a day of UTC. */

const DAY_MS = 24 * 3600 * 1000;

/** The day that a time is in, counted from 1970. @param now milliseconds since 1970. */
export function dayOf(now: number): number {
  return Math.floor(now / DAY_MS);
}

/** Seconds until the next day begins, at least 1. */
export function secondsUntilNextDay(now: number): number {
  return Math.ceil(((dayOf(now) + 1) * DAY_MS - now) / 1000);
}
