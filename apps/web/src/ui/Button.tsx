import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";
import styles from "./Button.module.css";
import { classes } from "./classes.ts";
import { Spinner } from "./Spinner.tsx";

/** What {@link Button} takes, beside what every button has. */
export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  variant?: "primary" | "plain" | "quiet" | "danger";
  size?: "m" | "s";
  /** Shows that something is on its way, and takes no press. */
  isBusy?: boolean;
  icon?: ReactNode;
  ref?: Ref<HTMLButtonElement>;
}

/** A button with a text. */
export function Button({ variant = "plain", size = "m", isBusy = false, icon, ...props }: ButtonProps) {
  const { className, children, disabled, ...rest } = props;
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled === true || isBusy}
      aria-busy={isBusy || undefined}
      className={classes(styles.button, styles[variant], size === "s" && styles.small, className)}
    >
      {isBusy ? <Spinner size={16} /> : icon}
      <span>{children}</span>
    </button>
  );
}
