import type { ShownMessage } from "@rocket-chat-api/react";
import { CornerUpLeft, MoreHorizontal, SmilePlus } from "lucide-react";
import type { RefObject } from "react";
import { useT } from "../../i18n/i18n.tsx";
import { IconButton } from "../../ui/IconButton.tsx";
import { useRoomUi } from "../room-ui.ts";
import { useRights } from "../use-rights.ts";
import styles from "./HoverActions.module.css";
import { useRowTab } from "./row-tab.ts";

/** Beside a message under the pointer, or with the focus: react, answer, and everything else. */
export function HoverActions({ shown, row }: { shown: ShownMessage; row: RefObject<HTMLElement | null> }) {
  const t = useT();
  const ui = useRoomUi();
  const tab = useRowTab();
  const { canReact, isMember } = useRights();
  const open = (kind: "menu" | "react", button: HTMLElement) => {
    const { left, bottom } = button.getBoundingClientRect();
    ui.overlay.set({ kind, shown, anchor: row.current ?? button, at: { x: left, y: bottom + 4 } });
  };
  return (
    <div className={styles.actions}>
      {canReact && (
        <IconButton
          size="s"
          label={t("room.react")}
          icon={<SmilePlus />}
          tabIndex={tab}
          aria-haspopup="dialog"
          onClick={(event) => open("react", event.currentTarget)}
        />
      )}
      {isMember && (
        <IconButton
          size="s"
          label={t("room.reply")}
          icon={<CornerUpLeft data-mirrored />}
          tabIndex={tab}
          onClick={() => ui.reply(shown.message)}
        />
      )}
      <IconButton
        size="s"
        label={t("app.more")}
        icon={<MoreHorizontal />}
        tabIndex={tab}
        aria-haspopup="menu"
        onClick={(event) => open("menu", event.currentTarget)}
      />
    </div>
  );
}
