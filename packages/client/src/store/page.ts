/** When a page may be about to end. */

/** The part of a page that is used. */
interface Page {
  addEventListener(type: string, listener: () => void): void;
  removeEventListener(type: string, listener: () => void): void;
}

/**
 * Calls `listener` when the page is hidden or left: it may never run again. Does nothing where there is no page.
 * @returns what ends it.
 */
export function onHidden(listener: () => void): () => void {
  const scope = globalThis as unknown as Partial<Page> & { document?: Page & { visibilityState: string } };
  const { document } = scope;
  if (!document || !scope.addEventListener) return () => undefined;
  const look = (): void => {
    if (document.visibilityState === "hidden") listener();
  };
  document.addEventListener("visibilitychange", look);
  scope.addEventListener("pagehide", listener);
  return () => {
    document.removeEventListener("visibilitychange", look);
    scope.removeEventListener?.("pagehide", listener);
  };
}
