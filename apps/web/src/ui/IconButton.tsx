import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";
import { classes } from "./classes.ts";
import styles from "./IconButton.module.css";
import { Tooltip } from "./Tooltip.tsx";

/** What {@link IconButton} takes, beside what every button has. */
export interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** What it does: for screen readers, and in its tooltip. */
  label: string;
  icon: ReactNode;
  /** Of a button that switches something on. */
  isPressed?: boolean;
  size?: "m" | "s";
  tone?: "plain" | "accent";
  ref?: Ref<HTMLButtonElement>;
}

/** A button that is an icon, with a tooltip. */
export function IconButton({
  label,
  icon,
  isPressed,
  size = "m",
  tone = "plain",
  ...props
}: IconButtonProps) {
  const { className, ...rest } = props;
  return (
    <Tooltip text={label}>
      <button
        type="button"
        aria-label={label}
        aria-pressed={isPressed}
        {...rest}
        className={classes(styles.button, styles[tone], size === "s" && styles.small, className)}
      >
        {icon}
      </button>
    </Tooltip>
  );
}
