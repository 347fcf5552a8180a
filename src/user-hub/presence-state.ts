/** The presence that others see of a user, over all devices (rule 22). */
import { MAX_SOCKETS, OFFLINE_AFTER_MS, type PresenceStatus } from "@rocket-chat-api/protocol";
import type { EpochMs } from "../domain/time.ts";

/** Best first: a user is online while any device is. */
const BEST_FIRST: readonly PresenceStatus[] = ["online", "away", "offline"];

/** How many devices may come back after the first, when it is not known how many there were. */
const MAX_RETURNING = MAX_SOCKETS - 1;

/** The best status among those of the connected devices; undefined if none is connected. */
export function bestOf(statuses: Iterable<PresenceStatus>): PresenceStatus | undefined {
  const said = new Set(statuses);
  return BEST_FIRST.find((status) => said.has(status));
}

export interface PresenceState {
  /** The best status of the connected devices; undefined while none is connected. */
  said: PresenceStatus | undefined;
  /** The status that was announced to others last. */
  announced: PresenceStatus;
  /** When the last device closed, or null. */
  closed_at: EpochMs | null;
}

/**
 * What others should see now. After the last device has closed nothing changes for a moment, so that it can reconnect.
 * @returns the status, and when to look again if nothing happens before.
 */
export function visiblePresence(
  { said, announced, closed_at }: PresenceState,
  now: EpochMs,
): { status: PresenceStatus; lookAgainAt: EpochMs | undefined } {
  if (said !== undefined) return { status: said, lookAgainAt: undefined };
  if (announced === "offline" || closed_at === null) return { status: "offline", lookAgainAt: undefined };
  const offlineAt = closed_at + OFFLINE_AFTER_MS;
  if (offlineAt <= now) return { status: "offline", lookAgainAt: undefined };
  return { status: announced, lookAgainAt: offlineAt };
}

/**
 * When the user was last seen, for others; undefined if that does not change. A user who appears offline is not seen,
 * whatever they do. Nor are they seen when they choose to appear offline: the time would show that they are there.
 */
export function lastSeen(
  { said, announced, closed_at }: PresenceState,
  status: PresenceStatus,
  now: EpochMs,
): EpochMs | undefined {
  if (status === "offline" && (announced === "offline" || said !== undefined)) return undefined;
  return said === undefined ? (closed_at ?? now) : now;
}

/** The place of a device that has closed. The next device that opens may be the same one, come back. */
export interface Vacancy {
  status: PresenceStatus;
  closed_at: EpochMs;
}

/** What a hub knows when a device opens. */
export interface Arrival {
  vacancies: readonly Vacancy[];
  /** Whether no other device is connected. */
  isAlone: boolean;
  /** The last best status of the connected devices. */
  chosen: PresenceStatus;
  /** When the last of them closed; null if the hub has not seen that. */
  closed_at: EpochMs | null;
}

/**
 * The status of a device that opens, until it sets another: that of a device that closed a moment ago, if there is one;
 * otherwise online.
 * @returns `vacancies` are those that are left.
 */
export function arrive(
  { vacancies, isAlone, chosen, closed_at }: Arrival,
  now: EpochMs,
): { status: PresenceStatus; vacancies: Vacancy[] } {
  const open = vacancies.filter((vacancy) => now - vacancy.closed_at < OFFLINE_AFTER_MS);
  const status = bestOf(open.map((vacancy) => vacancy.status));
  if (status !== undefined) {
    const taken = open.findIndex((vacancy) => vacancy.status === status);
    return { status, vacancies: open.toSpliced(taken, 1) };
  }
  // An object that died with all its sockets has no vacancies, only the last status. All devices that come back get it.
  const isBack = isAlone && (closed_at === null || now - closed_at < OFFLINE_AFTER_MS);
  if (!isBack || chosen === "online") return { status: "online", vacancies: [] };
  return { status: chosen, vacancies: Array(MAX_RETURNING).fill({ status: chosen, closed_at: now }) };
}
