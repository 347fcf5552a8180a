/** When signed links end, and which widths of images there are (rule 26). */
import type { EpochMs } from "./time.ts";

/** How long a link lasts from the start of the step in which it was made, in milliseconds: a quarter of an hour. */
const LIFETIME_MS = 15 * 60_000;
/** Links made within one step are the same, so that caches find them, in milliseconds. */
const STEP_MS = 5 * 60_000;

/** When a link ends that is made now: in 10 to 15 minutes. Whole seconds since 1970. */
export function linkExpiry(now: EpochMs): number {
  return (Math.floor(now / STEP_MS) * STEP_MS + LIFETIME_MS) / 1000;
}

/** Seconds until a link ends; 0 if it has. @param expires as {@link linkExpiry} gives it. */
export function secondsLeft(expires: number, now: EpochMs): number {
  return Math.max(0, Math.ceil(expires - now / 1000));
}

/** Widths that images are resized to, in pixels. Few, because each one is a file in caches and is billed. */
const WIDTHS = [64, 128, 256, 512, 1024, 2048];

/**
 * The width that an image is resized to; undefined for the original.
 * @param wanted pixels, as a link asks for them.
 * @param width of the original, if it is known.
 */
export function resizedWidth(wanted: number, width: number | undefined): number | undefined {
  if (wanted < 1) return undefined;
  const step = WIDTHS.find((one) => one >= wanted);
  return step !== undefined && (width === undefined || step < width) ? step : undefined;
}
