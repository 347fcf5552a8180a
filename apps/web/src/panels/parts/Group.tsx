import { type ReactNode, useId } from "react";
import styles from "./parts.module.css";

/** What {@link Group} takes. */
export interface GroupProps {
  title?: string;
  /** Below the rows, in small letters. */
  hint?: ReactNode;
  /** Beside the title, such as a button that adds. */
  end?: ReactNode;
  children: ReactNode;
}

/** Rows that belong together. */
export function Group({ title, hint, end, children }: GroupProps) {
  const id = useId();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for what one fills in.
    <div className={styles.group} role="group" aria-labelledby={title ? id : undefined}>
      {title && (
        <div className={styles.heading}>
          <h3 id={id} className={styles.groupTitle}>
            {title}
          </h3>
          {end}
        </div>
      )}
      <div className={styles.card}>{children}</div>
      {hint && <p className={styles.hint}>{hint}</p>}
    </div>
  );
}
