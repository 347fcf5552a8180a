/** Where the list is scrolled to: the end while one is there, the same place while history comes, a message that was asked for. */
import type { MessagesView } from "@rocket-chat-api/react";
import { type RefObject, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { VirtualizerHandle } from "virtua";
import type { RoomUi } from "../room-ui.ts";
import { useJumps } from "./use-jumps.ts";
import { useReading } from "./use-reading.ts";

/** So near to the end, new messages are followed, in CSS pixels. */
const AT_END_PX = 48;
/** So near to an end of what is loaded, more is loaded. */
const LOAD_PX = 1200;

/** What the list needs. */
export interface Scroller {
  box: RefObject<HTMLDivElement | null>;
  list: RefObject<VirtualizerHandle | null>;
  onScroll: () => void;
  onScrollEnd: () => void;
  onResize: () => void;
  isAway: boolean;
  isUnreadAbove: boolean;
  isLoading: boolean;
  showNewest: () => void;
  showUnread: () => void;
}

/** Scrolls the list of a room. @param generation changes when all rows are others. */
export function useScroller(view: MessagesView, ui: RoomUi, generation: number): Scroller {
  const { messages, hasOlder, hasNewer, firstUnread, loadOlder, loadNewer, hold } = view;
  const box = useRef<HTMLDivElement>(null);
  const list = useRef<VirtualizerHandle>(null);
  const isAtEnd = useRef(true);
  const offset = useRef(0);
  const [isAway, setAway] = useState(false);
  const [isUnreadAbove, setUnreadAbove] = useState(firstUnread === null);
  const [isLoading, setLoading] = useState(false);
  const isBusy = useRef(false);
  const reading = useReading(view, list, isBusy);

  const toEnd = useCallback(() => {
    list.current?.scrollToIndex(Number.MAX_SAFE_INTEGER, { align: "end" });
  }, []);

  const load = useCallback(async (more: () => Promise<boolean>) => {
    setLoading(true);
    // Without an answer there is another attempt at the next movement.
    await more().catch(() => false);
    setLoading(false);
  }, []);

  const loadNear = useCallback(() => {
    const handle = list.current;
    if (!handle || isLoading) return;
    const { scrollOffset, scrollSize, viewportSize } = handle;
    if (hasOlder && scrollOffset < LOAD_PX) void load(loadOlder);
    else if (hasNewer && scrollSize - scrollOffset - viewportSize < LOAD_PX) void load(loadNewer);
  }, [hasOlder, hasNewer, isLoading, load, loadOlder, loadNewer]);

  const onScroll = useCallback(() => {
    const handle = list.current;
    if (!handle) return;
    const { scrollOffset, scrollSize, viewportSize } = handle;
    const isEnd = scrollSize - scrollOffset - viewportSize < AT_END_PX;
    // A list that grows below moves nothing: one leaves the end by scrolling up.
    const isUp = scrollOffset < offset.current - 1;
    offset.current = scrollOffset;
    isAtEnd.current = !hasNewer && (isEnd || (isAtEnd.current && !isUp));
    setAway(!isEnd && !isAtEnd.current);
    hold(!isAtEnd.current);
    if (firstUnread !== null) {
      const index = messages.findIndex(({ message }) => message.message_id === firstUnread);
      if (index >= handle.findItemIndex(scrollOffset)) setUnreadAbove(false);
    }
    loadNear();
    reading.look();
  }, [messages, firstUnread, hasNewer, hold, loadNear, reading]);

  const jumps = useJumps({ view, ui, list, generation, isAtEnd, isBusy, toEnd, look: onScroll });

  // New messages at the end are followed; the viewer's own always.
  const last = messages.at(-1);
  const lastKey = last?.key;
  const isOwnLast = last?.outgoing !== null && last?.outgoing !== undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new last message counts, and each new height of it.
  useLayoutEffect(() => {
    if (isOwnLast) isAtEnd.current = true;
    if (isAtEnd.current && !jumps.isJumping()) toEnd();
    reading.look();
  }, [lastKey, isOwnLast, messages.length]);

  const onResize = useCallback(() => {
    if (isAtEnd.current && !jumps.isJumping()) toEnd();
  }, [jumps, toEnd]);

  // A page that does not fill the window loads the next one without a movement.
  useEffect(loadNear, [loadNear]);

  const showUnread = useCallback(() => {
    setUnreadAbove(false);
    jumps.showUnread();
  }, [jumps]);
  return useMemo(
    () => ({
      ...{ box, list, onScroll, onScrollEnd: reading.look, onResize, isAway, isUnreadAbove, isLoading },
      ...{ showNewest: jumps.showNewest, showUnread },
    }),
    [onScroll, reading, onResize, isAway, isUnreadAbove, isLoading, jumps, showUnread],
  );
}
