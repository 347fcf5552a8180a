import type { ReactNode } from "react";
import styles from "./EmptyState.module.css";

/** What {@link EmptyState} takes. */
export interface EmptyStateProps {
  icon: ReactNode;
  title: string;
  hint?: string;
  /** What the title is, where it is the heading of a page; a paragraph otherwise. */
  titleAs?: "p" | "h1";
  /** What one can do about it. */
  action?: ReactNode;
}

/** Says why there is nothing to see, and what to do. */
export function EmptyState({ icon, title, hint, titleAs: Title = "p", action }: EmptyStateProps) {
  return (
    <div className={styles.empty}>
      <span className={styles.icon} aria-hidden="true">
        {icon}
      </span>
      <Title className={styles.title}>{title}</Title>
      {hint && <p className={styles.hint}>{hint}</p>}
      {action && <div className={styles.action}>{action}</div>}
    </div>
  );
}
