/** Parts of the page that are loaded later. */

/** Between two attempts, in milliseconds. */
const AGAIN_MS = 2_000;

/** Loads a part until it is there: a page that has lost its connection must not lose the part for good. */
export function persistently<T>(load: () => Promise<T>): () => Promise<T> {
  return async () => {
    for (;;) {
      try {
        return await load();
      } catch {
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
    }
  };
}
