/** One message of the list is a stop of the Tab key; arrow keys move it. */
import type { ShownMessage } from "@rocket-chat-api/react";
import {
  type FocusEvent,
  type KeyboardEvent,
  type RefObject,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { VirtualizerHandle } from "virtua";
import type { RoomUi } from "../room-ui.ts";

/** Messages that PageUp and PageDown pass. */
const PAGE = 10;

/** What the list needs. */
export interface Roving {
  currentKey: string | null;
  /** Indexes that stay rendered. */
  kept: readonly number[];
  onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
  onFocus: (event: FocusEvent<HTMLElement>) => void;
}

/** Moves the focus through messages. */
export function useRoving(
  messages: readonly ShownMessage[],
  list: RefObject<VirtualizerHandle | null>,
  ui: RoomUi,
): Roving {
  const [chosen, setChosen] = useState<string | null>(null);
  const wantsFocus = useRef<string | null>(null);
  const last = messages.length - 1;
  const found = chosen === null ? -1 : messages.findIndex(({ key }) => key === chosen);
  const index = found < 0 ? last : found;
  const currentKey = messages[index]?.key ?? null;
  const kept = useMemo(() => (index < 0 ? [] : [index]), [index]);

  useLayoutEffect(() => {
    if (wantsFocus.current === null || wantsFocus.current !== currentKey) return;
    wantsFocus.current = null;
    rowOf(currentKey)?.focus({ preventScroll: true });
  }, [currentKey]);

  const moveTo = (next: number) => {
    const bounded = Math.min(Math.max(next, 0), last);
    const key = messages[bounded]?.key ?? null;
    if (key === null) return;
    list.current?.scrollToIndex(bounded, { align: "nearest" });
    if (key === currentKey) return rowOf(key)?.focus({ preventScroll: true });
    wantsFocus.current = key;
    setChosen(key);
  };

  return {
    currentKey,
    kept,
    onFocus({ target }) {
      const row = target instanceof Element ? target.closest<HTMLElement>("[data-key]") : null;
      if (row?.dataset.key !== undefined) setChosen(row.dataset.key);
    },
    onKeyDown(event) {
      if (event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof HTMLElement)) return;
      if (event.key === "Escape") {
        event.preventDefault();
        return ui.focusComposer();
      }
      if (event.target.tagName === "INPUT" || event.target.tagName === "VIDEO") return;
      const isRow = event.target.dataset.key !== undefined;
      const shown = messages[index];
      if (isRow && event.key === "Enter" && shown && !isSilent(shown)) {
        event.preventDefault();
        ui.overlay.set({ kind: "menu", shown, anchor: event.target, at: null });
        return;
      }
      const next =
        { ArrowUp: index - 1, ArrowDown: index + 1, Home: 0, End: last }[event.key] ??
        pageOf(event.key, index);
      if (next === undefined) return;
      event.preventDefault();
      moveTo(next);
    },
  };
}

function pageOf(key: string, index: number): number | undefined {
  if (key === "PageUp") return index - PAGE;
  return key === "PageDown" ? index + PAGE : undefined;
}

function isSilent({ message: { is_deleted, type } }: ShownMessage): boolean {
  return is_deleted || type === "system";
}

function rowOf(key: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
}
