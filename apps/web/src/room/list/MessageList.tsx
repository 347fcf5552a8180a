import { type MessagesView, type ShownMessage, useMessages } from "@rocket-chat-api/react";
import { MessageCircle } from "lucide-react";
import { useState } from "react";
import { Virtualizer } from "virtua";
import { useT } from "../../i18n/i18n.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { Spinner } from "../../ui/Spinner.tsx";
import { useRoomUi } from "../room-ui.ts";
import { JumpButtons } from "./JumpButtons.tsx";
import styles from "./MessageList.module.css";
import { MessageRow } from "./MessageRow.tsx";
import { changeOf, placeOf } from "./rows.ts";
import { useRoving } from "./use-roving.ts";
import { useScroller } from "./use-scroller.ts";

/** Pixels above and below the window that are rendered too, so that fast scrolling shows no holes. */
const SPARE_PX = 600;

/** The messages of a room. */
export function MessageList({ conversationId }: { conversationId: string }) {
  const t = useT();
  const view = useMessages(conversationId);
  const { messages, isLoaded } = view;
  if (!isLoaded && messages.length === 0) {
    return (
      <div className={styles.waiting}>
        <Spinner size={28} label={t("app.loading")} />
      </div>
    );
  }
  if (messages.length === 0) {
    return (
      <div className={styles.waiting}>
        <EmptyState icon={<MessageCircle />} title={t("room.empty")} hint={t("room.empty_hint")} />
      </div>
    );
  }
  return <Rows view={view} />;
}

/** What the virtual list must know of the last change: whether rows came or went at the start, or all are others. */
function useChange(messages: readonly ShownMessage[]): { isShift: boolean; generation: number } {
  const [seen, setSeen] = useState({ messages, isShift: false, generation: 0 });
  if (seen.messages === messages) return seen;
  const change = changeOf(seen.messages, messages);
  const generation = seen.generation + (change === "other" ? 1 : 0);
  const next = { messages, isShift: change === "start", generation };
  setSeen(next);
  return next;
}

function Rows({ view }: { view: MessagesView }) {
  const t = useT();
  const ui = useRoomUi();
  const { messages, firstUnread } = view;
  const { isShift, generation } = useChange(messages);
  const scroller = useScroller(view, ui, generation);
  const roving = useRoving(messages, scroller.list, ui);
  return (
    <div className={styles.list}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: arrow keys move between the messages inside. */}
      <div
        ref={scroller.box}
        className={styles.scroller}
        onKeyDown={roving.onKeyDown}
        onFocus={roving.onFocus}
      >
        <div className={styles.space} />
        <Virtualizer
          key={generation}
          ref={scroller.list}
          as="ol"
          item="li"
          data={messages}
          shift={isShift}
          bufferSize={SPARE_PX}
          keepMounted={roving.kept}
          onScroll={scroller.onScroll}
          onScrollEnd={scroller.onScrollEnd}
          onResize={scroller.onResize}
        >
          {(shown: ShownMessage, index: number) => {
            const { startsDay, isFirst, isLast } = placeOf(messages[index - 1], shown, messages[index + 1]);
            return (
              <MessageRow
                key={shown.key}
                shown={shown}
                startsDay={startsDay}
                isFirst={isFirst}
                isLast={isLast}
                isFirstUnread={shown.message.message_id === firstUnread}
                isNewest={index === messages.length - 1}
                isCurrent={shown.key === roving.currentKey}
              />
            );
          }}
        </Virtualizer>
      </div>
      {scroller.isLoading && (
        <div className={styles.loading}>
          <Spinner label={t("app.loading")} />
        </div>
      )}
      <JumpButtons
        conversationId={ui.conversationId}
        isAway={scroller.isAway || view.hasNewer}
        isUnreadAbove={scroller.isUnreadAbove}
        onNewest={scroller.showNewest}
        onUnread={scroller.showUnread}
      />
    </div>
  );
}
