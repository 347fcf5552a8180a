/** Keys of the whole page. Each has a modifier, so that none is in the way of writing (WCAG 2.1.4). */
import { useEffect } from "react";

/** What a key does. */
export type Shortcut = "search" | "new" | "previous" | "next" | "close" | "help";

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

/** The keys as they are written on the keyboard. */
export const SHORTCUT_KEYS: Readonly<Record<Shortcut, readonly string[]>> = {
  search: [isMac ? "⌘" : "Ctrl", "K"],
  new: ["Alt", "N"],
  previous: ["Alt", "↑"],
  next: ["Alt", "↓"],
  close: ["Esc"],
  help: [isMac ? "⌘" : "Ctrl", "/"],
};

/** What a press means; undefined is nothing. `code` is the key's place, since Alt changes the letter on some keyboards. */
export function shortcutOf(
  event: Pick<KeyboardEvent, "key" | "code" | "altKey" | "ctrlKey" | "metaKey" | "shiftKey">,
) {
  const { key, code, altKey, ctrlKey, metaKey, shiftKey } = event;
  const isCommand = (ctrlKey || metaKey) && !altKey;
  if (isCommand && !shiftKey && code === "KeyK") return "search";
  if (isCommand && key === "/") return "help";
  if (altKey && !ctrlKey && !metaKey) {
    if (code === "KeyN") return "new";
    if (key === "ArrowUp") return "previous";
    if (key === "ArrowDown") return "next";
  }
  return key === "Escape" && !altKey && !isCommand ? "close" : undefined;
}

/** Listens to the keys. @param run must be the same function from render to render. */
export function useShortcuts(run: (shortcut: Shortcut) => void): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const shortcut = shortcutOf(event);
      // An open menu, dialog or field has taken it.
      if (!shortcut || event.defaultPrevented || event.isComposing) return;
      if (document.querySelector('[role="dialog"],[role="alertdialog"],[role="menu"]')) return;
      if (shortcut !== "close") event.preventDefault();
      run(shortcut);
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, [run]);
}
