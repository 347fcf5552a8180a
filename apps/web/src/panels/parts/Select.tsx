import { ChevronsUpDown } from "lucide-react";
import { type ReactNode, useId } from "react";
import { classes } from "../../ui/classes.ts";
import fields from "./fields.module.css";
import styles from "./parts.module.css";

/** One of the answers. */
export interface Option<Value extends string> {
  value: Value;
  label: string;
}

/** What {@link Select} takes. */
export interface SelectProps<Value extends string> {
  icon?: ReactNode;
  label: string;
  hint?: string | undefined;
  value: Value;
  options: readonly Option<Value>[];
  isDisabled?: boolean;
  onChange: (value: Value) => void;
}

/** A line of a group with a choice of several. The system's own list opens wherever one presses. */
export function Select<Value extends string>(props: SelectProps<Value>) {
  const { icon, label, hint, value, options, isDisabled = false, onChange } = props;
  const id = useId();
  return (
    <div className={classes(styles.row, fields.selectRow)}>
      {icon && <span className={styles.icon}>{icon}</span>}
      <div className={styles.texts}>
        <label htmlFor={id} className={styles.label}>
          {label}
        </label>
        <span className={fields.chosen} aria-hidden="true">
          {options.find((one) => one.value === value)?.label}
        </span>
        {hint && (
          <span className={styles.rowHint} id={`${id}-hint`}>
            {hint}
          </span>
        )}
      </div>
      <select
        id={id}
        className={fields.select}
        value={value}
        disabled={isDisabled}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => {
          const chosen = options.find((one) => one.value === event.target.value);
          if (chosen) onChange(chosen.value);
        }}
      >
        {options.map((one) => (
          <option key={one.value} value={one.value}>
            {one.label}
          </option>
        ))}
      </select>
      <ChevronsUpDown className={styles.chevron} aria-hidden="true" />
    </div>
  );
}
