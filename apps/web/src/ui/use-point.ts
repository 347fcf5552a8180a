import { type RefObject, useLayoutEffect, useRef } from "react";

/** A place in the window. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** An element of no size at a place of the window, for a popover to stand beside. @param at null leaves it where it is. */
export function usePoint(at: Point | null): RefObject<HTMLSpanElement | null> {
  const point = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    if (!at || !point.current) return;
    point.current.style.left = `${at.x}px`;
    point.current.style.top = `${at.y}px`;
  }, [at]);
  return point;
}
