import { Check, ChevronRight } from "lucide-react";
import { useEffect } from "react";
import { I18nProvider, Menu, MenuItem, Popover, Separator, SubmenuTrigger } from "react-aria-components";
import { createPortal } from "react-dom";
import { useI18n } from "../i18n/i18n.tsx";
import { classes } from "./classes.ts";
import styles from "./MenuPopup.module.css";
import type { MenuEntry, MenuPopupProps } from "./menu-entry.ts";
import popup from "./popup.module.css";
import { usePoint } from "./use-point.ts";

const POPOVER = classes(popup.popover, popup.appearing, styles.popover);

/** An open menu: arrow keys, letters, Enter and Escape work in it. */
export default function MenuPopup({ label, entries, trigger, at = null, onClose }: MenuPopupProps) {
  const { language } = useI18n();
  const point = usePoint(at);
  // The trigger has the focus again, wherever the menu stood.
  useEffect(() => () => trigger.current?.focus(), [trigger]);
  return (
    <I18nProvider locale={language}>
      {at && createPortal(<span ref={point} className={popup.point} />, document.body)}
      <Popover
        aria-label={label}
        isOpen
        onOpenChange={(isOpen) => !isOpen && onClose()}
        triggerRef={at ? point : trigger}
        placement="bottom start"
        offset={at ? 0 : 4}
        className={POPOVER}
      >
        <Entries label={label} entries={entries} onClose={onClose} />
      </Popover>
    </I18nProvider>
  );
}

interface EntriesProps {
  label: string;
  entries: readonly MenuEntry[];
  chosen?: string;
  onClose: () => void;
}

function Entries({ label, entries, chosen, onClose }: EntriesProps) {
  const selection = chosen === undefined ? {} : { selectionMode: "single" as const, selectedKeys: [chosen] };
  return (
    <Menu aria-label={label} className={styles.menu ?? ""} autoFocus="first" onClose={onClose} {...selection}>
      {entries.flatMap((entry) => [
        ...(entry.startsGroup ? [<Separator key={`${entry.id}-line`} className={popup.line ?? ""} />] : []),
        entry.entries ? (
          <SubmenuTrigger key={entry.id}>
            <Entry entry={entry} />
            <Popover aria-label={entry.label} className={POPOVER}>
              <Entries
                label={entry.label}
                entries={entry.entries}
                onClose={onClose}
                {...(entry.chosen === undefined ? {} : { chosen: entry.chosen })}
              />
            </Popover>
          </SubmenuTrigger>
        ) : (
          <Entry key={entry.id} entry={entry} />
        ),
      ])}
    </Menu>
  );
}

function Entry({ entry: { id, label, icon, tone, onSelect, entries } }: { entry: MenuEntry }) {
  return (
    <MenuItem
      id={id}
      textValue={label}
      className={classes(popup.item, styles.item, tone === "danger" && popup.danger)}
      {...(onSelect ? { onAction: onSelect } : {})}
    >
      {({ isSelected }) => (
        <>
          {icon}
          <span className={styles.label}>{label}</span>
          {isSelected && <Check />}
          {entries && <ChevronRight data-mirrored />}
        </>
      )}
    </MenuItem>
  );
}
