/** Leads from a panel to a message of a room. */
import type { MouseEvent } from "react";
import { hashOf, navigate } from "../app/route.ts";

/** Below this width a panel lies over the room (Frame.module.css), so it goes when the room is to be seen. */
const COVERS = "(width < 1080px)";

/** What a link to a message needs: an address that can be opened elsewhere, and a press that keeps the panel. */
export function jumpLink(conversationId: string, messageId: string, panel: string) {
  return {
    href: hashOf({ conversationId, messageId, panel: null }),
    onClick(event: MouseEvent<HTMLAnchorElement>) {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      const stays = !window.matchMedia(COVERS).matches;
      navigate({ conversationId, messageId, panel: stays ? panel : null });
    },
  };
}
