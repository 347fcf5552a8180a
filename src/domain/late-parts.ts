/**
 * The parts of a job that have failed: conversations, or people, that could not be reached. The job goes on with all others, and comes
 * back to these after longer and longer pauses (rule 28).
 */
import type { EpochMs } from "./time.ts";

/** A part that has failed. */
export interface LatePart {
  /** A conversation's id; or what else it is, a colon, and the id of a user: `hub:<user_id>`. */
  part: string;
  /** Where in it the next attempt begins; 0 at its beginning. */
  from: number;
  /** Failed attempts in a row; 0 for a part that has not been tried yet, or goes on. */
  failures: number;
  due_at: EpochMs;
}

/**
 * As many parts may be late. With more of them it is not the parts that fail: the job begins no other until some have come back.
 * They stand in the job's row, some 100 bytes each.
 */
export const MAX_LATE = 1_000;

/** The first pause that is counted, and the longest, in milliseconds. */
const FIRST_PAUSE_MS = 60_000;
const MAX_PAUSE_MS = 3_600_000;

/**
 * The pause after so many failures in a row: none after the first, since the next run of the job is a minute away; then a minute,
 * doubled for each failure, an hour at most.
 */
export function latePause(failures: number): number {
  if (failures < 2) return 0;
  return Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures - 2, 30), MAX_PAUSE_MS);
}

/** The parts with one more failure of this one. @param from where in it the next attempt begins. */
export function withFailure(late: readonly LatePart[], part: string, from: number, now: EpochMs): LatePart[] {
  const before = late.find((one) => one.part === part)?.failures ?? 0;
  const failures = before + 1;
  return [...withoutPart(late, part), { part, from, failures, due_at: now + latePause(failures) }];
}

/** The parts without one that has succeeded. */
export function withoutPart(late: readonly LatePart[], part: string): LatePart[] {
  return late.filter((one) => one.part !== part);
}

/** The parts that are to be tried again by a run that begins now, longest due first. */
export function duePartsOf(late: readonly LatePart[], now: EpochMs): LatePart[] {
  return late.filter(({ due_at }) => due_at < now).toSorted((a, b) => a.due_at - b.due_at);
}

/** Whether no more may be late. */
export function isFull(late: readonly LatePart[]): boolean {
  return late.length >= MAX_LATE;
}

/** What a job's cursor says of parts that have failed. A cursor of an older release, or that is no JSON, says nothing. */
export function latePartsOf(cursor: string | null): LatePart[] {
  if (cursor === null || !cursor.startsWith("{")) return [];
  const { late = [] } = JSON.parse(cursor) as { late?: LatePart[] };
  return late.filter(({ failures }) => failures > 0);
}
