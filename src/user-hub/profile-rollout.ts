/** The order in which a changed profile reaches the user's conversations. */
import type { Caller } from "../domain/caller.ts";
import type { EpochMs } from "../domain/time.ts";

/**
 * How far a changed profile has reached the conversations. It survives the end of the hub, so each step may run twice.
 * That is harmless: a conversation takes each version once.
 */
export interface ProfileRollout {
  profile: Caller;
  /** When the change came. */
  since: EpochMs;
  /** The revision of the directory up to which its memberships are done; null until the directory was first asked. */
  rev: number | null;
  /** Conversations up to this id are done, and the most recent ones; null when all are. */
  after: string | null;
  /** Those that were not in the directory yet have been told, or were missed; what is left are those that could not be reached. */
  is_late_done?: boolean;
  /** Attempts that have failed in a row. */
  failures: number;
  /** When the next step is due. */
  due_at: EpochMs;
}

/**
 * Conversations are looked for once more after this long, in milliseconds. A conversation that the user joined just
 * before the change may have the older profile, and the directory shows a new membership only after a while.
 */
const LATE_AFTER_MS = 10_000;

/** A rollout that has reached no conversation yet. */
export function newRollout(profile: Caller, now: EpochMs): ProfileRollout {
  return { profile, since: now, rev: null, after: "", failures: 0, due_at: now };
}

export type RolloutStep = "recent" | "rest" | "missed" | "late";

/**
 * The next step: the most recently active conversations, then all others, then those that could not be reached, and in
 * the end those that were not in the directory yet, which wait for no others.
 * @param hasMissed whether some could not be reached.
 */
export function nextStep(rollout: ProfileRollout, hasMissed: boolean): { step: RolloutStep; at: EpochMs } {
  const { rev, after, since, due_at, is_late_done = false } = rollout;
  if (rev === null) return { step: "recent", at: due_at };
  if (after !== null) return { step: "rest", at: due_at };
  if (hasMissed && (is_late_done || due_at < since + LATE_AFTER_MS)) return { step: "missed", at: due_at };
  return { step: "late", at: Math.max(due_at, since + LATE_AFTER_MS) };
}
