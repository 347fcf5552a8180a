import styles from "./Progress.module.css";

const RADIUS = 20;
const LENGTH = 2 * Math.PI * RADIUS;
/** So much is shown at least: an empty ring looks like nothing happens. */
const LEAST = 0.03;

/** A ring that fills. @param part from 0 to 1. */
export function Progress({ part, label }: { part: number; label: string }) {
  const shown = Math.max(LEAST, Math.min(1, part));
  return (
    <svg
      className={styles.ring}
      viewBox="0 0 48 48"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(100 * part)}
    >
      <circle
        cx="24"
        cy="24"
        r={RADIUS}
        fill="none"
        stroke="currentColor"
        strokeWidth="3"
        strokeLinecap="round"
        strokeDasharray={LENGTH}
        strokeDashoffset={LENGTH * (1 - shown)}
      />
    </svg>
  );
}
