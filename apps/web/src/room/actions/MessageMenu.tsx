import { useChatClient, useSend } from "@rocket-chat-api/react";
import { SmilePlus } from "lucide-react";
import { useRef } from "react";
import { Dialog, I18nProvider, Menu, MenuItem, Popover, Separator } from "react-aria-components";
import { useI18n } from "../../i18n/i18n.tsx";
import { classes } from "../../ui/classes.ts";
import popup from "../../ui/popup.module.css";
import { usePoint } from "../../ui/use-point.ts";
import { type Overlay, useRoomUi } from "../room-ui.ts";
import { useRights } from "../use-rights.ts";
import { entriesOf, isPending } from "./entries.tsx";
import styles from "./MessageMenu.module.css";
import { quickReactions } from "./quick.ts";
import { useReact } from "./use-react.ts";

/** The menu of a message: a row of reactions, and what one can do. */
export default function MessageMenu({ open }: { open: Extract<Overlay, { kind: "menu" | "react" }> }) {
  const { t, language } = useI18n();
  const ui = useRoomUi();
  const rights = useRights();
  const client = useChatClient();
  const { shown, anchor, at } = open;
  const react = useReact(shown.message);
  const point = usePoint(at);
  const trigger = useRef(anchor);
  const send = useSend(ui.conversationId);
  const entries = entriesOf({ shown, rights, ui, client, send, t });
  const close = () => {
    // A line may have opened something else.
    if (ui.overlay.read() === open) ui.closeOverlay();
    if (ui.overlay.read() === null && ui.mode.read().kind === "new") anchor.focus({ preventScroll: true });
  };
  return (
    <I18nProvider locale={language}>
      <span ref={point} className={popup.point} />
      <Popover
        isOpen
        onOpenChange={(isOpen) => !isOpen && close()}
        triggerRef={at ? point : trigger}
        placement="bottom start"
        offset={at ? 0 : 4}
        className={classes(popup.popover, popup.appearing, styles.popover)}
      >
        <Dialog className={styles.dialog ?? ""} aria-label={t("room.actions")}>
          {rights.canReact && !isPending(shown) && (
            // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms.
            <div className={styles.quick} role="group" aria-label={t("room.react")}>
              {quickReactions().map((emoji) => (
                <button
                  key={emoji}
                  type="button"
                  className={styles.emoji}
                  aria-label={t("room.react_with", { emoji })}
                  onClick={() => {
                    react(emoji);
                    close();
                  }}
                >
                  {emoji}
                </button>
              ))}
              <button
                type="button"
                className={styles.emoji}
                aria-label={t("room.more_reactions")}
                onClick={() => ui.overlay.set({ ...open, kind: "react" })}
              >
                <SmilePlus aria-hidden="true" />
              </button>
            </div>
          )}
          <Menu
            aria-label={t("room.actions")}
            className={styles.menu ?? ""}
            autoFocus="first"
            onClose={close}
          >
            {entries.flatMap(({ id, label, icon, tone, onSelect, startsGroup }) => [
              ...(startsGroup ? [<Separator key={`${id}-line`} className={popup.line ?? ""} />] : []),
              <MenuItem
                key={id}
                id={id}
                textValue={label}
                className={classes(popup.item, styles.item, tone === "danger" && popup.danger)}
                {...(onSelect ? { onAction: onSelect } : {})}
              >
                {icon}
                <span>{label}</span>
              </MenuItem>,
            ])}
          </Menu>
        </Dialog>
      </Popover>
    </I18nProvider>
  );
}
