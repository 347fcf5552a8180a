/** Menus. What they are made of is loaded when the first one opens. */
import { MoreVertical } from "lucide-react";
import { lazy, type MouseEvent, type ReactNode, Suspense, useRef, useState } from "react";
import { IconButton } from "./IconButton.tsx";
import type { MenuEntry } from "./menu-entry.ts";

export type { MenuEntry } from "./menu-entry.ts";

const MenuPopup = lazy(() => import("./MenuPopup.tsx"));

/** What {@link MenuButton} takes. */
export interface MenuButtonProps {
  label: string;
  icon?: ReactNode;
  entries: readonly MenuEntry[];
  size?: "m" | "s";
  tone?: "plain" | "accent";
}

/** A button that opens a menu. */
export function MenuButton({
  label,
  icon = <MoreVertical />,
  entries,
  size = "m",
  tone = "plain",
}: MenuButtonProps) {
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <IconButton
        ref={button}
        label={label}
        icon={icon}
        size={size}
        tone={tone}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        onClick={() => setOpen(true)}
      />
      {isOpen && (
        <Suspense>
          <MenuPopup label={label} entries={entries} trigger={button} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}

/** What {@link useContextMenu} returns. */
export interface ContextMenu {
  /** For the element that has the menu: a right click, the menu key, Shift+F10 and a long touch open it. */
  onContextMenu: (event: MouseEvent<HTMLElement>) => void;
  /** The menu while it is open; render it beside the element. */
  menu: ReactNode;
}

/** A menu at the pointer. @param entries are asked for when it opens. */
export function useContextMenu(label: string, entries: () => readonly MenuEntry[]): ContextMenu {
  const [open, setOpen] = useState<{ at: { x: number; y: number } | null; entries: readonly MenuEntry[] }>();
  const trigger = useRef<HTMLElement>(null);
  return {
    onContextMenu(event) {
      event.preventDefault();
      trigger.current = event.currentTarget;
      // From the keyboard the event has no place of its own, or the element's.
      const isPointer = event.clientX > 0 || event.clientY > 0;
      setOpen({ at: isPointer ? { x: event.clientX, y: event.clientY } : null, entries: entries() });
    },
    menu: open && (
      <Suspense>
        <MenuPopup
          label={label}
          entries={open.entries}
          trigger={trigger}
          at={open.at}
          onClose={() => setOpen(undefined)}
        />
      </Suspense>
    ),
  };
}
