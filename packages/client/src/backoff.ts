/** Pauses between attempts: doubled for each failure, and random, so that clients cut off together return apart. */

export interface BackoffOptions {
  /** The first pause is up to this long, in milliseconds. */
  base_ms: number;
  /** No pause is longer. */
  cap_ms: number;
  /** From 0 to 1; `Math.random` unless a test says otherwise. */
  random?: () => number;
}

export const DEFAULT_BACKOFF: BackoffOptions = { base_ms: 1_000, cap_ms: 30_000 };

/**
 * The pause before an attempt ("full jitter": anything from nothing to the bound).
 * @param failures in a row so far, at least 1.
 */
export function pauseAfter(failures: number, options: BackoffOptions): number {
  const bound = Math.min(options.base_ms * 2 ** Math.min(failures - 1, 30), options.cap_ms);
  return (options.random ?? Math.random)() * bound;
}

/** Resolves after a while, or as soon as `signal` says so. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    }
  });
}
