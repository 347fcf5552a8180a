/** What moderators of a group may do, and what follows for those whom it concerns (rule 29). */
import {
  type Ban,
  type ConversationType,
  type DeletedByBan,
  type Failure,
  failure,
  type Mute,
  type Settings,
  timestamp,
} from "@rocket-chat-api/protocol";
import { mayModerate, outranks, type Ranked } from "./access.ts";
import type { EpochMs } from "./time.ts";

/** The end of what has no end. It is stored as a number, so that one comparison tells what is in force. */
export const FOREVER: EpochMs = Number.MAX_SAFE_INTEGER;

/** A mute as the row of a member has it. */
export interface MuteRow {
  /** When it ends; null if there is none. */
  muted_until: EpochMs | null;
  muted_reason: string | null;
  muted_by: string | null;
}

/** The mute of most members. */
export const NOT_MUTED: MuteRow = { muted_until: null, muted_reason: null, muted_by: null };

/** The time of a request. @param until null, or left out: forever. */
export function endOf(until: string | null | undefined): EpochMs {
  return until === null || until === undefined ? FOREVER : Date.parse(until);
}

/** A time as clients see it: null is forever. */
export function shownEnd(until: EpochMs): string | null {
  return until === FOREVER ? null : timestamp(until);
}

/** A mute as members see it. It is shown as it was given, so that a client which follows events holds the same. */
export function toMute(until: EpochMs | null): Mute | null {
  return until === null ? null : { until: shownEnd(until) };
}

/** Whether a mute or a ban holds. It ends at its time. */
export function isInForce(until: EpochMs | null, now: EpochMs): boolean {
  return until !== null && until > now;
}

/** Why a mute or a ban cannot end at this time, or undefined. */
export function checkEnd(until: EpochMs, now: EpochMs): Failure | undefined {
  return isInForce(until, now) ? undefined : failure("VALIDATION_ERROR", "`until` must be a time to come");
}

/** Why a member may not moderate, or undefined. */
export function checkModerate(member: Ranked, type: ConversationType): Failure | undefined {
  if (type === "direct") return failure("VALIDATION_ERROR", "Not available in a direct conversation");
  return mayModerate(member)
    ? undefined
    : failure("FORBIDDEN", "Only the owner, admins and moderators can do this");
}

/** Why a moderator may not mute or ban somebody, or undefined: nobody does so to their own or a higher role. */
export function checkTarget(actor: Ranked, target: Ranked): Failure | undefined {
  return outranks(actor, target)
    ? undefined
    : failure("FORBIDDEN", "Not possible for somebody whose role is as high as yours, or higher");
}

/**
 * Why a member may not write to the others, or undefined: they are muted, or the group is frozen. Everything that others
 * see asks this: sending, editing, reacting, pinning, typing, uploading. Reading, deleting and leaving do not.
 */
export function checkWrite(
  member: Ranked & MuteRow,
  { is_frozen }: Pick<Settings, "is_frozen">,
  now: EpochMs,
): Failure | undefined {
  if (isInForce(member.muted_until, now)) return mutedFailure(member);
  return is_frozen && !mayModerate(member) ? failure("FROZEN") : undefined;
}

function mutedFailure({ muted_until, muted_reason: reason }: MuteRow): Failure {
  return failure("MUTED", undefined, { until: toMute(muted_until)?.until ?? null, reason });
}

/** A ban as far as a refusal tells of it. */
type Banned = Pick<Ban, "reason"> & { until: EpochMs };

/** The refusal for a person who is banned here. */
export function bannedFailure({ until, reason }: Banned): Failure {
  return failure("BANNED", "You are banned from this conversation", { until: shownEnd(until), reason });
}

/** The refusal for everybody who adds people of whom some are banned. @param bans at least one. */
export function bannedPeople(bans: readonly { user_id: string; until: EpochMs }[]): Failure {
  const last = Math.max(...bans.map(({ until }) => until));
  return failure("BANNED", "Some of these people are banned from this conversation", {
    until: shownEnd(last),
    user_ids: bans.slice(0, 20).map(({ user_id }) => user_id),
  });
}

/** Whether a member waits between two messages (slow mode). */
export function isSlow(member: Ranked, { slow_mode_seconds }: Pick<Settings, "slow_mode_seconds">): boolean {
  return slow_mode_seconds > 0 && !mayModerate(member);
}

/**
 * Why a member in slow mode may not write yet, or undefined.
 * @param last when they last sent or edited a message; any earlier time if that is longer ago than matters.
 * @param seconds the pause between two messages.
 */
export function checkSlowMode(last: EpochMs, seconds: number, now: EpochMs): Failure | undefined {
  const left = last + seconds * 1000 - now;
  if (left <= 0) return undefined;
  // A message may have a later time than this clock has (`append`).
  return failure("SLOW_MODE", undefined, { retry_after: Math.min(Math.ceil(left / 1000), seconds) });
}

/** A day, in milliseconds. */
const DAY_MS = 24 * 3600 * 1000;

/** The time from which on a ban deletes messages; undefined if it deletes none. */
export function deletedSince(deleted: DeletedByBan, now: EpochMs): EpochMs | undefined {
  if (deleted === "none") return undefined;
  return deleted === "day" ? now - DAY_MS : 0;
}
