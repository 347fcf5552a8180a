import { X } from "lucide-react";
import { navigate } from "../app/route.ts";
import { useT } from "../i18n/i18n.tsx";
import { IconButton } from "../ui/IconButton.tsx";
import styles from "./panels.module.css";

/** The head of a panel, with the button that closes it. */
export function PanelHeader({ title }: { title: string }) {
  const t = useT();
  return (
    <header className={styles.header}>
      <h2 className={styles.title}>{title}</h2>
      <IconButton label={t("app.close")} icon={<X />} onClick={() => navigate({ panel: null })} />
    </header>
  );
}
