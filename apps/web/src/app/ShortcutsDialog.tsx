import { useT } from "../i18n/i18n.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import styles from "./ShortcutsDialog.module.css";
import { SHORTCUT_KEYS, type Shortcut } from "./shortcuts.ts";

/** All keys of the page. */
export default function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const lines: [string, readonly string[]][] = [
    ...(Object.keys(SHORTCUT_KEYS) as Shortcut[]).map((name): [string, readonly string[]] => [
      t(`list.shortcut_${name}`),
      SHORTCUT_KEYS[name],
    ]),
    [t("list.shortcut_menu"), ["Shift", "F10"]],
  ];
  return (
    <Dialog title={t("list.shortcuts")} isOpen onClose={onClose}>
      <dl className={styles.keys}>
        {lines.map(([name, keys]) => (
          <div key={name} className={styles.line}>
            <dt>{name}</dt>
            <dd>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
