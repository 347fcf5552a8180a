import type { ListItem } from "@rocket-chat-api/client/list";
import { type KeyboardEvent, useCallback, useRef, useState } from "react";
import { Virtualizer, type VirtualizerHandle } from "virtua";
import { useT } from "../i18n/i18n.tsx";
import { ConversationRow } from "./ConversationRow.tsx";
import styles from "./Rows.module.css";
import type { RowActions } from "./row-actions.tsx";
import { rowOf, useKeptFocus } from "./use-kept-focus.ts";

/** The height of a row, in pixels: as in the style sheet. */
const ROW_PX = 72;

/** What {@link Rows} takes. */
export interface RowsProps {
  items: readonly ListItem[];
  openId: string | null;
  actions: RowActions;
}

/** Where a key leads to from a row; undefined is nowhere. */
function targetOf(key: string, at: number, last: number): number | undefined {
  if (key === "ArrowDown") return Math.min(at + 1, last);
  if (key === "ArrowUp") return Math.max(at - 1, 0);
  if (key === "Home") return 0;
  return key === "End" ? last : undefined;
}

/** The conversations. Only those in view are in the page; Tab stops at one, and the arrow keys go on from there. */
export function Rows({ items, openId, actions }: RowsProps) {
  const t = useT();
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useRef<VirtualizerHandle>(null);
  const [stopId, setStopId] = useState<string | null>(null);
  const today = new Date().toDateString();

  const indexOf = (id: string | null) => items.findIndex(({ conversation_id }) => conversation_id === id);
  const stopped = indexOf(stopId);
  const stop = Math.max(stopped >= 0 ? stopped : indexOf(openId), 0);
  const { noteFocus, noteBlur } = useKeptFocus(scroller, items);
  const onFocus = useCallback(
    (id: string) => {
      noteFocus(id);
      setStopId(id);
    },
    [noteFocus],
  );

  const onKeyDown = (event: KeyboardEvent) => {
    const at = indexOf((event.target as HTMLElement).dataset.conversation ?? null);
    const to = at < 0 ? undefined : targetOf(event.key, at, items.length - 1);
    const item = to === undefined ? undefined : items[to];
    if (to === undefined || !item || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    rows.current?.scrollToIndex(to, { align: "nearest" });
    setStopId(item.conversation_id);
    // Once it is in the page.
    requestAnimationFrame(() => rowOf(scroller.current, item.conversation_id)?.focus());
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys are those of the links inside.
    <div ref={scroller} className={styles.scroller} onKeyDown={onKeyDown} onBlur={noteBlur}>
      <Virtualizer
        ref={rows}
        as="ul"
        item="li"
        itemSize={ROW_PX}
        keepMounted={items.length > 0 ? [stop] : []}
        data={items}
      >
        {(item, index) => (
          <ConversationRow
            key={item.conversation_id}
            item={item}
            isOpen={item.conversation_id === openId}
            isTabStop={index === stop}
            today={today}
            actions={actions}
            onFocus={onFocus}
          />
        )}
      </Virtualizer>
      <span className="visually-hidden" role="status">
        {items.length === 0 ? t("list.empty") : ""}
      </span>
    </div>
  );
}
