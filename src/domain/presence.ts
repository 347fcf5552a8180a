/** What others are told of a user, over all devices (rule 22). */
import { OFFLINE_AFTER_MS, type PresenceStatus } from "../protocol/index.ts";

export interface PresenceState {
  /** Whether a socket is open, of any kind. */
  connected: boolean;
  /** What the user says of themselves while connected; `offline` is "appear offline". */
  chosen: PresenceStatus;
  /** What others were told last. */
  announced: PresenceStatus;
  /** When the last socket closed, or null. */
  closed_at: number | null;
}

/**
 * What others should be told now. After the last socket closed nothing changes for a moment, for a reconnect.
 * @returns the status, and when to look again if nothing happens before.
 */
export function visiblePresence(
  state: PresenceState,
  now: number,
): { status: PresenceStatus; lookAgainAt: number | undefined } {
  if (state.connected) return { status: state.chosen, lookAgainAt: undefined };
  if (state.announced === "offline" || state.closed_at === null) {
    return { status: "offline", lookAgainAt: undefined };
  }
  const offlineAt = state.closed_at + OFFLINE_AFTER_MS;
  if (offlineAt <= now) return { status: "offline", lookAgainAt: undefined };
  return { status: state.announced, lookAgainAt: offlineAt };
}

/**
 * Whether a user is seen at this change: not while they appear offline, nor when they go while they did. Else "appear
 * offline" would tell that they are there.
 */
export function isSeen(
  { announced, connected }: Pick<PresenceState, "announced" | "connected">,
  next: PresenceStatus,
): boolean {
  return next !== "offline" || (!connected && announced !== "offline");
}
