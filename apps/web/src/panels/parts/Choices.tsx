import { useId } from "react";
import fields from "./fields.module.css";
import styles from "./parts.module.css";
import type { Option } from "./Select.tsx";

/** What {@link Choices} takes. */
export interface ChoicesProps<Value extends string> {
  /** What is asked. */
  label: string;
  isLabelHidden?: boolean;
  /** Null: nothing is chosen yet. */
  value: Value | null;
  options: readonly (Option<Value> & { hint?: string })[];
  error?: string | undefined;
  onChange: (value: Value) => void;
}

/** A question with a few answers, all of which are shown. */
export function Choices<Value extends string>(props: ChoicesProps<Value>) {
  const { label, isLabelHidden = false, value, options, error, onChange } = props;
  const id = useId();
  return (
    <fieldset className={fields.choices} aria-describedby={error ? `${id}-error` : undefined}>
      <legend className={isLabelHidden ? "visually-hidden" : styles.groupTitle}>{label}</legend>
      {error && (
        <p className={fields.error} id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
      <div className={styles.card}>
        {options.map((one) => (
          <label key={one.value} className={styles.row} data-chosen={value === one.value || undefined}>
            <input
              type="radio"
              className={fields.radio}
              name={id}
              value={one.value}
              checked={value === one.value}
              onChange={() => onChange(one.value)}
            />
            <span className={styles.texts}>
              <span className={styles.label}>{one.label}</span>
              {one.hint && <span className={styles.rowHint}>{one.hint}</span>}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
