import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { navigate } from "../../app/route.ts";
import { classes } from "../../ui/classes.ts";
import { Spinner } from "../../ui/Spinner.tsx";
import styles from "./parts.module.css";

/** What {@link Row} takes. */
export interface RowProps {
  icon?: ReactNode;
  label: string;
  hint?: ReactNode;
  /** At the end of the line: how it is now. */
  value?: ReactNode;
  tone?: "plain" | "danger" | "accent";
  isBusy?: boolean;
  onPress: () => void;
  /** The page that it leads to. The focus comes back here. */
  page?: string;
}

/** A line of a group that one can press. */
export function Row({ icon, label, hint, value, tone = "plain", isBusy = false, onPress, page }: RowProps) {
  return (
    <button
      type="button"
      className={classes(styles.row, styles[tone])}
      data-page={page}
      disabled={isBusy}
      aria-busy={isBusy || undefined}
      onClick={onPress}
    >
      {icon && <span className={styles.icon}>{isBusy ? <Spinner /> : icon}</span>}
      <span className={styles.texts}>
        <span className={styles.label}>{label}</span>
        {hint && <span className={styles.rowHint}>{hint}</span>}
      </span>
      {value !== undefined && <span className={styles.value}>{value}</span>}
      {page !== undefined && <ChevronRight className={styles.chevron} data-mirrored />}
    </button>
  );
}

/** A line that leads to a page of its panel. */
export function PageRow({ panel, ...props }: Omit<RowProps, "onPress"> & { panel: string; page: string }) {
  return <Row {...props} onPress={() => navigate({ panel: `${panel}/${props.page}` })} />;
}
