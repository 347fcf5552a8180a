/** What a menu is given. */
import type { ReactNode, RefObject } from "react";
import type { Point } from "./use-point.ts";

/** A line of a menu. */
export interface MenuEntry {
  id: string;
  label: string;
  icon?: ReactNode;
  tone?: "danger" | undefined;
  onSelect?: () => void;
  /** Opens a menu of its own. */
  entries?: readonly MenuEntry[];
  /** The id of the one of `entries` that holds now. */
  chosen?: string;
  /** Draws a line above. */
  startsGroup?: boolean;
}

/** What an open menu needs. */
export interface MenuPopupProps {
  label: string;
  entries: readonly MenuEntry[];
  /** What it stands beside, and what has the focus afterwards. */
  trigger: RefObject<HTMLElement | null>;
  /** Where the pointer was, in the window; null is beside the trigger. */
  at?: Point | null;
  onClose: () => void;
}
