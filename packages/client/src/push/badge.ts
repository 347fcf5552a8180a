/** The number on the icon of the app: all unread messages, as rule 30 counts them. */
import type { EpochMs } from "@rocket-chat-api/protocol/facts";
import { type BadgeNavigator, showBadge } from "./browser.ts";
import type { PushClient, ViewedConversation } from "./host.ts";

/** Milliseconds in which changes are gathered before the number is set. */
const GATHER_MS = 250;

/** All unread messages of the user's conversations; muted ones and requests do not count (rules 29 and 30). */
export function unreadTotal(states: Iterable<ViewedConversation | undefined>, now: EpochMs): number {
  let total = 0;
  for (const state of states) {
    if (state?.membership !== "member" || state.is_hidden || state.is_request) continue;
    if (!isMuted(state, now)) total += state.unread_count;
  }
  return total;
}

function isMuted({ preferences }: ViewedConversation, now: EpochMs): boolean {
  if (!preferences?.is_muted) return false;
  return preferences.muted_until === null || Date.parse(preferences.muted_until) > now;
}

/** The total that an event `unread.total` carries; undefined for any other event. */
function totalIn(event: { type: string; data?: unknown }): number | undefined {
  if (event.type !== "unread.total" || typeof event.data !== "object" || event.data === null)
    return undefined;
  const { messages } = event.data as { messages?: unknown };
  return typeof messages === "number" ? messages : undefined;
}

/**
 * Keeps the number on the icon. A server that says totals (`unread.total`) is believed, since this client may not have
 * loaded every conversation; without it the loaded ones are summed up.
 * @returns what ends it.
 */
export function keepBadge(client: PushClient, navigator: BadgeNavigator): () => void {
  let told: number | undefined;
  let shown: number | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const show = (): void => {
    timer = undefined;
    const { conversations } = client;
    const count = told ?? unreadTotal(conversations.ids().map(conversations.get, conversations), Date.now());
    if (count !== shown) void showBadge(navigator, count);
    shown = count;
  };
  const soon = (): void => {
    timer ??= setTimeout(show, GATHER_MS);
  };
  const ends = [
    client.on("state", soon),
    client.on("event", (event) => {
      const total = totalIn(event);
      if (total === undefined) return;
      told = total;
      soon();
    }),
  ];
  return () => {
    for (const end of ends) end();
    if (timer !== undefined) clearTimeout(timer);
  };
}
