import { useI18n } from "../i18n/i18n.tsx";
import { numbers } from "../i18n/plural.ts";
import styles from "./Badge.module.css";
import { classes } from "./classes.ts";

/** Above this a badge says "99+". */
const MOST = 99;

/** A count. @param label what is counted, in words, for screen readers. */
export function Badge({
  count,
  label,
  isMuted = false,
}: {
  count: number;
  label: string;
  isMuted?: boolean;
}) {
  const { language } = useI18n();
  if (count <= 0) return null;
  const shown = numbers(language).format(Math.min(count, MOST)) + (count > MOST ? "+" : "");
  return (
    <span className={classes(styles.badge, isMuted && styles.muted)}>
      <span aria-hidden="true">{shown}</span>
      <span className="visually-hidden">{label}</span>
    </span>
  );
}
