/** Parts of the room that are not needed at once: loaded while nothing else happens, so that they are there without a connection. */

import { persistently } from "../app/persistently.ts";

/** After this a part is loaded although the page is busy, in milliseconds. */
const LATEST_MS = 5_000;

/** The parts. */
export const PARTS = {
  menu: persistently(() => import("./actions/MessageMenu.tsx")),
  delete: persistently(() => import("./actions/DeleteDialog.tsx")),
  receipts: persistently(() => import("./actions/ReceiptsDialog.tsx")),
  edits: persistently(() => import("./actions/EditsDialog.tsx")),
  viewer: persistently(() => import("./media/MediaViewer.tsx")),
  emoji: persistently(() => import("./emoji/EmojiPopover.tsx")),
};

/** Those that are loaded ahead. All emoji are too much for a page on which nobody asks for them. */
const AHEAD = [PARTS.menu, PARTS.delete, PARTS.receipts, PARTS.edits, PARTS.viewer];

/** Loads the parts when the page has time. @returns what cancels that. */
export function loadAhead(): () => void {
  const load = () => {
    for (const part of AHEAD) void part();
  };
  // Safari has no idle callbacks.
  if (!("requestIdleCallback" in window)) {
    const timer = setTimeout(load, LATEST_MS);
    return () => clearTimeout(timer);
  }
  const request = requestIdleCallback(load, { timeout: LATEST_MS });
  return () => cancelIdleCallback(request);
}
