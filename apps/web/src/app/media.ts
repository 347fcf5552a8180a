/** What the style sheets ask about the window, for what they cannot change. */
import { useCallback, useSyncExternalStore } from "react";

/** One thing at a time: as in Frame.module.css. */
export const PHONE = "(width < 720px)";

/** Whether the window is so now. @param query of CSS. */
export function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (listener: () => void) => {
      const list = matchMedia(query);
      list.addEventListener("change", listener);
      return () => list.removeEventListener("change", listener);
    },
    [query],
  );
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches);
}
