/** Times: numbers inside, text on the wire. */

/** Milliseconds since 1970 (UTC). */
export type EpochMs = number;

/** Formats server time for the wire. */
export function timestamp(ms: EpochMs): string {
  return new Date(ms).toISOString();
}
