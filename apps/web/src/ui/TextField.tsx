import { type InputHTMLAttributes, type ReactNode, type Ref, useId } from "react";
import { classes } from "./classes.ts";
import field from "./field.module.css";
import styles from "./TextField.module.css";

/** What {@link TextField} takes, beside what every input has. */
export interface TextFieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "onChange"> {
  label: string;
  /** Shows the label to screen readers alone: where an icon or the place says what it is. */
  isLabelHidden?: boolean;
  hint?: string;
  error?: string | undefined;
  icon?: ReactNode;
  /** Beside the text, as a button that clears it. */
  end?: ReactNode;
  onChange: (value: string) => void;
  ref?: Ref<HTMLInputElement>;
}

/** One line of text with its label. */
export function TextField({
  label,
  isLabelHidden = false,
  hint,
  error,
  icon,
  end,
  ...props
}: TextFieldProps) {
  const { onChange, className, ...rest } = props;
  const id = useId();
  const about = error ?? hint;
  return (
    <div className={classes(styles.field, className)}>
      <label htmlFor={id} className={isLabelHidden ? "visually-hidden" : styles.label}>
        {label}
      </label>
      <div className={classes(field.box, styles.box)} data-invalid={error !== undefined || undefined}>
        {icon && <span className={styles.icon}>{icon}</span>}
        <input
          {...rest}
          id={id}
          className={classes(field.text, styles.input)}
          aria-invalid={error !== undefined || undefined}
          aria-describedby={about ? `${id}-about` : undefined}
          onChange={(event) => onChange(event.target.value)}
        />
        {end}
      </div>
      {about && (
        <p id={`${id}-about`} className={error ? styles.error : styles.hint}>
          {about}
        </p>
      )}
    </div>
  );
}
