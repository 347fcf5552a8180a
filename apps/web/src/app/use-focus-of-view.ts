/** Keeps the focus where the person looks, on a phone: there, list, room and panel take each other's place. */
import { useEffect, useRef } from "react";

/** Moves the focus into a view that has replaced the one that had it. @param view the id of the one that is shown. */
export function useFocusOfView(view: "list" | "room" | "panel"): void {
  const before = useRef(view);
  useEffect(() => {
    if (before.current === view) return;
    before.current = view;
    const { activeElement } = document;
    // What is not displayed loses the focus to the body.
    const isLost = !activeElement || activeElement === document.body || !activeElement.checkVisibility();
    if (!isLost) return;
    const place = document.getElementById(view);
    const stop = place?.querySelector<HTMLElement>('a[aria-current="page"], a[tabindex="0"]');
    (view === "list" && stop ? stop : place)?.focus();
  }, [view]);
}
