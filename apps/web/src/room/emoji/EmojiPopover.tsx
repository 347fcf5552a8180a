import type { RefObject } from "react";
import { Dialog, I18nProvider, Popover } from "react-aria-components";
import { useI18n } from "../../i18n/i18n.tsx";
import { classes } from "../../ui/classes.ts";
import popup from "../../ui/popup.module.css";
import { type Point, usePoint } from "../../ui/use-point.ts";
import EmojiPanel from "./EmojiPanel.tsx";
import styles from "./EmojiPopover.module.css";

/** What {@link EmojiPopover} takes. */
export interface EmojiPopoverProps {
  label: string;
  /** What it stands beside. */
  trigger: RefObject<HTMLElement | null>;
  /** Where it stands instead, in the window. */
  at?: Point | null;
  onChoose: (emoji: string) => void;
  onClose: () => void;
}

/** The emoji picker beside something. */
export default function EmojiPopover({ label, trigger, at = null, onChoose, onClose }: EmojiPopoverProps) {
  const { language } = useI18n();
  const point = usePoint(at);
  return (
    <I18nProvider locale={language}>
      <span ref={point} className={popup.point} />
      <Popover
        isOpen
        onOpenChange={(isOpen) => !isOpen && onClose()}
        triggerRef={at ? point : trigger}
        placement="bottom start"
        className={classes(popup.popover, styles.popover)}
      >
        <Dialog className={styles.dialog ?? ""} aria-label={label}>
          <EmojiPanel onChoose={onChoose} />
        </Dialog>
      </Popover>
    </I18nProvider>
  );
}
