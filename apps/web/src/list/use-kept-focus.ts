/** Keeps the focus on a row that moves: the browser takes it from what is put to another place of the document. */
import { type RefObject, useCallback, useLayoutEffect, useRef } from "react";

/** The link of a conversation. */
export function rowOf(list: HTMLElement | null, conversationId: string): HTMLElement | null {
  return list?.querySelector<HTMLElement>(`[data-conversation="${CSS.escape(conversationId)}"]`) ?? null;
}

/** What the list calls. */
export interface KeptFocus {
  noteFocus: (conversationId: string) => void;
  noteBlur: () => void;
}

/** @param items whose order may change. */
export function useKeptFocus(list: RefObject<HTMLElement | null>, items: readonly unknown[]): KeptFocus {
  const focused = useRef<string | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new order is what moves rows.
  useLayoutEffect(() => {
    const isLost = focused.current !== null && document.activeElement === document.body;
    if (isLost && focused.current !== null)
      rowOf(list.current, focused.current)?.focus({ preventScroll: true });
  }, [items, list]);

  return {
    noteFocus: useCallback((conversationId) => {
      focused.current = conversationId;
    }, []),
    // A move takes the focus too, and the effect above gives it back before this looks.
    noteBlur: useCallback(() => {
      setTimeout(() => {
        if (list.current?.contains(document.activeElement) !== true) focused.current = null;
      });
    }, [list]),
  };
}
