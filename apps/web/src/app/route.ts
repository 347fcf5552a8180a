/** What the page shows, by the address: `#/c/<conversation>?panel=details&m=<message>`. */
import { useSyncExternalStore } from "react";

/** What is shown. */
export interface Route {
  /** The conversation that is open. */
  readonly conversationId: string | null;
  /** The side panel that is open: a name of `PANELS`. */
  readonly panel: string | null;
  /** The message to jump to. */
  readonly messageId: string | null;
}

/** An id of an address; null if it is none, as in a link that was cut off or made up. */
function decoded(id: string): string | null {
  try {
    return decodeURIComponent(id);
  } catch {
    return null;
  }
}

/** Reads an address. */
export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#/, "").split("?");
  const parameters = new URLSearchParams(query);
  const [, place, id] = path.split("/");
  return {
    conversationId: place === "c" && id ? decoded(id) : null,
    panel: parameters.get("panel"),
    messageId: parameters.get("m"),
  };
}

/** The address of a route. */
export function hashOf({ conversationId, panel, messageId }: Route): string {
  const parameters = new URLSearchParams();
  if (panel) parameters.set("panel", panel);
  if (messageId) parameters.set("m", messageId);
  const query = parameters.size > 0 ? `?${parameters}` : "";
  return `#/${conversationId ? `c/${encodeURIComponent(conversationId)}` : ""}${query}`;
}

const listeners = new Set<() => void>();
let known = { hash: "", route: parseRoute("") };

function read(): Route {
  if (known.hash !== location.hash) known = { hash: location.hash, route: parseRoute(location.hash) };
  return known.route;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("hashchange", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("hashchange", listener);
  };
}

/** The route of the page. */
export function useRoute(): Route {
  return useSyncExternalStore(subscribe, read);
}

/**
 * Goes to another place. What is not given closes, except that a panel keeps its conversation: `navigate({ panel })`.
 * @param replace leaves no step to go back to.
 */
export function navigate(to: Partial<Route>, { replace = false } = {}): void {
  const isPanelOnly = to.panel !== undefined && to.conversationId === undefined;
  const conversationId = isPanelOnly ? read().conversationId : (to.conversationId ?? null);
  const hash = hashOf({ conversationId, panel: to.panel ?? null, messageId: to.messageId ?? null });
  if (hash === location.hash) return;
  if (replace) history.replaceState(null, "", hash);
  else history.pushState(null, "", hash);
  for (const listener of [...listeners]) listener();
}
