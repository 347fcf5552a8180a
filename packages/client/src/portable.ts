/**
 * What some platforms lack. React Native has no `AbortSignal.timeout` and no `AbortSignal.any`; pages on plain http, such as
 * a machine in the local network, have no `crypto.randomUUID`.
 */

/** A signal that ends a request, and a function that ends the watch. Call it when the request is over. */
export interface Deadline {
  signal: AbortSignal;
  done(): void;
}

/** A signal that fires after a time, or when another one does. @param ms milliseconds. */
export function deadline(ms: number, other?: AbortSignal): Deadline {
  const controller = new AbortController();
  const stop = () => controller.abort(other?.reason);
  const timer = setTimeout(() => controller.abort(new Error(`no answer within ${ms / 1000} s`)), ms);
  if (other?.aborted) stop();
  other?.addEventListener("abort", stop);
  return {
    signal: controller.signal,
    done() {
      clearTimeout(timer);
      other?.removeEventListener("abort", stop);
    },
  };
}

/** The part of `crypto` that is used. */
interface Randomness {
  randomUUID?(): string;
  getRandomValues?(bytes: Uint8Array<ArrayBuffer>): Uint8Array;
}

/** A random UUID (version 4, RFC 9562). @throws Error where there is no `crypto.getRandomValues`. */
export function randomUuid(source = (globalThis as { crypto?: Randomness }).crypto): string {
  if (source?.randomUUID) return source.randomUUID();
  if (!source?.getRandomValues) throw new Error("load react-native-get-random-values first");
  // Version 4 and the variant of RFC 9562; the other digits are random.
  return "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx".replace(/[xy]/g, (place) => {
    const digit = (source.getRandomValues?.(new Uint8Array(1))[0] ?? 0) & 15;
    return (place === "x" ? digit : (digit & 3) | 8).toString(16);
  });
}
