/** What others are told of a user, over all devices (rule 22). */
import { MAX_SOCKETS, OFFLINE_AFTER_MS, type PresenceStatus } from "@rocket-chat-api/protocol";

/** From the one that counts most: a user is online while any device is. */
const BEST_FIRST: readonly PresenceStatus[] = ["online", "away", "offline"];

/** Devices that may come back after the first, where nobody knows how many there were. */
const MAX_RETURNING = MAX_SOCKETS - 1;

/** The best of what the connected devices say; undefined if there is none. */
export function bestOf(statuses: Iterable<PresenceStatus>): PresenceStatus | undefined {
  const said = new Set(statuses);
  return BEST_FIRST.find((status) => said.has(status));
}

export interface PresenceState {
  /** The best of what the connected devices say; undefined while none is connected. */
  said: PresenceStatus | undefined;
  /** What others were told last. */
  announced: PresenceStatus;
  /** When the last device closed, or null. */
  closed_at: number | null;
}

/**
 * What others should be told now. After the last device closed nothing changes for a moment, for a reconnect.
 * @returns the status, and when to look again if nothing happens before.
 */
export function visiblePresence(
  { said, announced, closed_at }: PresenceState,
  now: number,
): { status: PresenceStatus; lookAgainAt: number | undefined } {
  if (said !== undefined) return { status: said, lookAgainAt: undefined };
  if (announced === "offline" || closed_at === null) return { status: "offline", lookAgainAt: undefined };
  const offlineAt = closed_at + OFFLINE_AFTER_MS;
  if (offlineAt <= now) return { status: "offline", lookAgainAt: undefined };
  return { status: announced, lookAgainAt: offlineAt };
}

/**
 * When the user was last seen, for others; undefined if that stays as it is. Who appears offline is not seen, whatever
 * they do; nor are they seen to begin it, or it would tell that they are there.
 */
export function lastSeen(
  { said, announced, closed_at }: PresenceState,
  status: PresenceStatus,
  now: number,
): number | undefined {
  if (status === "offline" && (announced === "offline" || said !== undefined)) return undefined;
  return said === undefined ? (closed_at ?? now) : now;
}

/** The place of a device that has closed: the next one that opens may be the same device, come back. */
export interface Vacancy {
  status: PresenceStatus;
  closed_at: number;
}

/** What a hub knows when a device opens. */
export interface Arrival {
  vacancies: readonly Vacancy[];
  /** Whether another device is connected. */
  isAlone: boolean;
  /** The best that the connected devices said last, and when the last of them closed; null if nobody saw it close. */
  chosen: PresenceStatus;
  closed_at: number | null;
}

/**
 * What a device that opens says, until it says otherwise: what was said in its place, if that closed a moment ago;
 * else that its user is online.
 * @returns `vacancies` are those that are left.
 */
export function arrive(
  { vacancies, isAlone, chosen, closed_at }: Arrival,
  now: number,
): { status: PresenceStatus; vacancies: Vacancy[] } {
  const open = vacancies.filter((vacancy) => now - vacancy.closed_at < OFFLINE_AFTER_MS);
  const status = bestOf(open.map((vacancy) => vacancy.status));
  if (status !== undefined) {
    const taken = open.findIndex((vacancy) => vacancy.status === status);
    return { status, vacancies: open.toSpliced(taken, 1) };
  }
  // An object that died with all its sockets knows no vacancies, only what was said last: all that come back take that.
  const isBack = isAlone && (closed_at === null || now - closed_at < OFFLINE_AFTER_MS);
  if (!isBack || chosen === "online") return { status: "online", vacancies: [] };
  return { status: chosen, vacancies: Array(MAX_RETURNING).fill({ status: chosen, closed_at: now }) };
}
