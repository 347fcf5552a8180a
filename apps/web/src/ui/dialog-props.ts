/** What a dialog is given. */
import type { ReactNode } from "react";

/** What a `Dialog` takes. */
export interface DialogProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  /** Buttons below. */
  footer?: ReactNode;
  /** For a question that must be answered: screen readers read it at once, and a press beside it does not close it. */
  role?: "dialog" | "alertdialog";
  children: ReactNode;
}
