/** What opens the menu of a message beside its button: a right click, the menu key, Shift+F10, a long touch. */
import type { ShownMessage } from "@rocket-chat-api/react";
import { type MouseEvent, type TouchEvent, useMemo, useRef } from "react";
import type { Point } from "../../ui/use-point.ts";
import type { RoomUi } from "../room-ui.ts";

/** How long a finger rests before the menu opens, in milliseconds. */
const LONG_TOUCH_MS = 450;
/** A finger that moves further than this scrolls, in CSS pixels. */
const MOVED_PX = 10;

interface Touch extends Point {
  timer: ReturnType<typeof setTimeout>;
}

/** The handlers of a row. */
export function useRowGestures(ui: RoomUi, shown: ShownMessage) {
  const touch = useRef<Touch | null>(null);
  return useMemo(() => {
    const open = (anchor: HTMLElement, at: Point | null) =>
      ui.overlay.set({ kind: "menu", shown, anchor, at });
    const endTouch = () => {
      if (touch.current) clearTimeout(touch.current.timer);
      touch.current = null;
    };
    return {
      onContextMenu(event: MouseEvent<HTMLElement>) {
        // A link has the browser's own menu, which opens it elsewhere and copies its address.
        if (event.target instanceof Element && event.target.closest("a") !== null) return;
        event.preventDefault();
        endTouch();
        const isPointer = event.clientX > 0 || event.clientY > 0;
        open(event.currentTarget, isPointer ? { x: event.clientX, y: event.clientY } : null);
      },
      // iOS has no `contextmenu` for a long touch.
      onTouchStart(event: TouchEvent<HTMLElement>) {
        const first = event.touches[0];
        if (!first || event.touches.length > 1) return endTouch();
        const anchor = event.currentTarget;
        const at = { x: first.clientX, y: first.clientY };
        const timer = setTimeout(() => {
          touch.current = null;
          open(anchor, at);
        }, LONG_TOUCH_MS);
        touch.current = { ...at, timer };
      },
      onTouchMove(event: TouchEvent<HTMLElement>) {
        const first = event.touches[0];
        const { current } = touch;
        if (!current || !first) return;
        const moved = Math.hypot(first.clientX - current.x, first.clientY - current.y);
        if (moved > MOVED_PX) endTouch();
      },
      onTouchEnd: endTouch,
      onTouchCancel: endTouch,
    };
  }, [ui, shown]);
}
