/** Where the focus goes when a panel opens, shows another page, and closes. */
import { type RefObject, useEffect } from "react";

/** The page that was shown before, while a panel is open. */
let pageBefore: string | null = null;

/** Gives the focus back to what had it before the panel was opened. */
export function useReturnOfFocus(): void {
  useEffect(() => {
    const opener = document.activeElement;
    return () => {
      pageBefore = null;
      const mayHaveIt = opener instanceof HTMLElement && opener.isConnected && opener.checkVisibility();
      const { activeElement } = document;
      // A user who has pressed elsewhere stays there.
      const isLost =
        !activeElement || activeElement === document.body || activeElement.closest("#panel") !== null;
      if (mayHaveIt && isLost) opener.focus();
    };
  }, []);
}

/**
 * Moves the focus into a page of a panel: to the row that has led to the page before, else to what has `data-autofocus`,
 * else to its title.
 * @param page its name; null is the first one of the panel.
 */
export function usePageFocus(frame: RefObject<HTMLElement | null>, page: string | null): void {
  useEffect(() => {
    const before = pageBefore;
    pageBefore = page;
    const row = before === null ? null : frame.current?.querySelector<HTMLElement>(`[data-page="${before}"]`);
    const wanted = frame.current?.querySelector<HTMLElement>("[data-autofocus]");
    (row ?? wanted ?? frame.current?.querySelector<HTMLElement>("h2"))?.focus();
  }, [frame, page]);
}
