/** Finds out in a browser whether the user looks at the page. */
import type { Push } from "./push.ts";

/** The part of a page's window that is used. */
interface FocusWindow {
  addEventListener(type: string, listener: () => void): void;
  removeEventListener(type: string, listener: () => void): void;
}

/** The part of `document` that is used. */
export interface PageDocument {
  readonly visibilityState: string;
  readonly defaultView: FocusWindow | null;
  hasFocus(): boolean;
  addEventListener(type: string, listener: () => void): void;
  removeEventListener(type: string, listener: () => void): void;
}

/** Events of the window after which the page may be in front, or no longer. */
const WINDOW_EVENTS = ["focus", "blur", "pageshow", "pagehide"];

/**
 * Calls `setForeground` whenever the page comes to the front or leaves it: it is in front while it is visible and has
 * the focus. Which conversation it shows is said by `push.setConversation`.
 * @param document of the page; where there is none (server rendering, React Native) nothing happens.
 * @returns what ends it.
 */
export function watchForeground(
  push: Pick<Push, "setForeground">,
  document: PageDocument | undefined = (globalThis as { document?: PageDocument }).document,
): () => void {
  if (!document) return () => undefined;
  const look = (): void => push.setForeground(document.visibilityState === "visible" && document.hasFocus());
  const window = document.defaultView;
  document.addEventListener("visibilitychange", look);
  for (const type of WINDOW_EVENTS) window?.addEventListener(type, look);
  look();
  return () => {
    document.removeEventListener("visibilitychange", look);
    for (const type of WINDOW_EVENTS) window?.removeEventListener(type, look);
  };
}
