/** Jumps to a message, to the first unread one, and to the newest. */
import { type MessagesView, useChatClient } from "@rocket-chat-api/react";
import { type RefObject, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { VirtualizerHandle } from "virtua";
import { navigate, useRoute } from "../../app/route.ts";
import { useT } from "../../i18n/i18n.tsx";
import { toast } from "../../ui/toasts.ts";
import type { RoomUi } from "../room-ui.ts";

/** How long the message that was jumped to is marked, in milliseconds. */
const FLASH_MS = 1_800;
/** What stays visible above the line of new messages, in CSS pixels. */
const ABOVE_UNREAD_PX = 72;

/** Where to scroll to, once it is rendered. */
interface Target {
  readonly messageId: string;
  readonly isUnread: boolean;
}

/** What jumps need. */
interface JumpTools {
  view: MessagesView;
  ui: RoomUi;
  list: RefObject<VirtualizerHandle | null>;
  generation: number;
  isAtEnd: RefObject<boolean>;
  /** Whether a jump is on its way: then nothing is followed, and nothing marked as read. */
  isBusy: RefObject<boolean>;
  toEnd: () => void;
  /** Looks where the list is now: a jump within what is visible moves nothing. */
  look: () => void;
}

/** Jumps of a list. */
export function useJumps({ view, ui, list, generation, isAtEnd, isBusy, toEnd, look }: JumpTools) {
  const t = useT();
  const client = useChatClient();
  const { messages, firstUnread, jumpTo, jumpToUnread, jumpToNewest } = view;
  const { messageId } = useRoute();
  // A room opens at its first unread message, unless the address names one.
  const [target, setTarget] = useState<Target | null>(() =>
    firstUnread !== null && messageId === null ? { messageId: firstUnread, isUnread: true } : null,
  );
  const waiting = useRef(target);

  const go = useCallback((next: Target | null) => {
    waiting.current = next;
    setTarget(next);
  }, []);

  const show = useCallback(
    async (id: string) => {
      isAtEnd.current = false;
      const found = await jumpTo(id).catch(() => false);
      if (found) go({ messageId: id, isUnread: false });
      else toast(t("room.not_found"));
    },
    [jumpTo, go, isAtEnd, t],
  );

  const showUnread = useCallback(async () => {
    isAtEnd.current = false;
    isBusy.current = true;
    const id = await jumpToUnread().catch(() => null);
    isBusy.current = false;
    if (id !== null) go({ messageId: id, isUnread: true });
    else toEnd();
  }, [jumpToUnread, go, isAtEnd, isBusy, toEnd]);

  // A room opens there also where that is not loaded yet.
  const opensElsewhere = useRef(firstUnread === null && messageId === null);
  useEffect(() => {
    if (!opensElsewhere.current) return;
    opensElsewhere.current = false;
    const state = client.conversations.get(ui.conversationId);
    if (state && state.unread_count > 0) void showUnread();
  }, [client, ui, showUnread]);

  const showNewest = useCallback(() => {
    go(null);
    isAtEnd.current = true;
    jumpToNewest();
    toEnd();
  }, [go, isAtEnd, jumpToNewest, toEnd]);

  useEffect(() => {
    ui.jump = (id) => void show(id);
    ui.showNewest = showNewest;
  }, [ui, show, showNewest]);

  // The address names a message once: afterwards the same one can be named again.
  useEffect(() => {
    if (messageId === null) return;
    navigate({ conversationId: ui.conversationId, panel: panelNow() }, { replace: true });
    void show(messageId);
  }, [messageId, ui, show]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new list of rows (`generation`) is scrolled too.
  useLayoutEffect(() => {
    const wanted = waiting.current;
    if (!wanted) return;
    const index = messages.findIndex(({ message }) => message.message_id === wanted.messageId);
    if (index < 0) return;
    waiting.current = null;
    isAtEnd.current = false;
    if (wanted.isUnread) list.current?.scrollToIndex(index, { align: "start", offset: -ABOVE_UNREAD_PX });
    else list.current?.scrollToIndex(index, { align: "center" });
    if (!wanted.isUnread) flash(ui, wanted.messageId);
    requestAnimationFrame(look);
  }, [target, messages, generation]);

  return useMemo(
    () => ({
      showNewest,
      showUnread: () => void showUnread(),
      isJumping: () => waiting.current !== null || isBusy.current,
    }),
    [showNewest, showUnread, isBusy],
  );
}

function flash(ui: RoomUi, messageId: string): void {
  ui.flashed.set(messageId);
  setTimeout(() => {
    if (ui.flashed.read() === messageId) ui.flashed.set(null);
  }, FLASH_MS);
}

function panelNow(): string | null {
  return new URLSearchParams(location.hash.split("?")[1] ?? "").get("panel");
}
