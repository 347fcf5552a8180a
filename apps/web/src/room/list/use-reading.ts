/** Marks as read what has been on the screen of a person who looks at it. */
import type { MessagesView } from "@rocket-chat-api/react";
import { type RefObject, useEffect, useMemo, useRef } from "react";
import type { VirtualizerHandle } from "virtua";

/** A message is read once it has been there for so long, in milliseconds. */
const GLANCE_MS = 250;
/** So much of a message may lie below the edge, in CSS pixels. */
const CUT_PX = 24;

/** Looks now and then at what is on the screen: call `look` after each movement. @param isBusy while a jump is on its way. */
export function useReading(
  { messages, markRead }: MessagesView,
  list: RefObject<VirtualizerHandle | null>,
  isBusy: RefObject<boolean>,
): { look: () => void } {
  const now = useRef({ messages, markRead });
  now.current = { messages, markRead };
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const reading = useMemo(() => {
    const mark = () => {
      timer.current = undefined;
      const handle = list.current;
      if (!handle || isBusy.current || document.visibilityState !== "visible" || !document.hasFocus()) return;
      const { scrollOffset, viewportSize } = handle;
      const edge = handle.findItemIndex(scrollOffset + viewportSize - CUT_PX);
      const { messages: shown, markRead: read } = now.current;
      const last = shown.slice(0, edge + 1).findLast(({ outgoing }) => outgoing === null);
      // Without a connection it is marked after the next movement, or when the page has the focus again.
      if (last) void read(last.message.message_id).catch(() => undefined);
    };
    return {
      look() {
        timer.current ??= setTimeout(mark, GLANCE_MS);
      },
    };
  }, [list, isBusy]);
  useEffect(() => {
    window.addEventListener("focus", reading.look);
    document.addEventListener("visibilitychange", reading.look);
    return () => {
      window.removeEventListener("focus", reading.look);
      document.removeEventListener("visibilitychange", reading.look);
      clearTimeout(timer.current);
      timer.current = undefined;
    };
  }, [reading]);
  return reading;
}
