/** The order in which a block, or its end, reaches the directory and the conversations that two users share. */
import type { EpochMs } from "../../domain/time.ts";

/**
 * How far one change of a block has come. It survives the end of the hub, so each step may run twice. That is harmless:
 * every copy takes each version once.
 */
export interface BlockRollout {
  /** When the directory had it; null before. */
  listed_at: EpochMs | null;
  /** The directory's revision when it named the shared conversations; null before. */
  rev: number | null;
  /** Conversations that could not be reached. */
  missed: string[];
  /** Whether the conversations that this hub knows by itself have it. They get it first while the directory is down. */
  is_known_done: boolean;
  /** How often conversations were looked for once more. */
  late: number;
  /** Attempts that have failed in a row. */
  failures: number;
  /** When the next step is due. */
  due_at: EpochMs;
}

/**
 * When conversations are looked for once more, in milliseconds after the directory had the change. One that one of the two
 * was joining just then may have asked the directory too early, and the directory shows a new membership only after a
 * while: mostly seconds, but more than a minute after an outage.
 */
export const LATE_AFTER_MS: readonly number[] = [10_000, 120_000];

/** A rollout that has reached nothing yet. */
export function newBlockRollout(now: EpochMs): BlockRollout {
  return {
    listed_at: null,
    rev: null,
    missed: [],
    is_known_done: false,
    late: 0,
    failures: 0,
    due_at: now,
  };
}

export type BlockStep = "directory" | "shared" | "missed" | "late" | "end";

/**
 * The next step: the directory, the conversations that both share or shared, those that could not be reached, and later
 * those that have changed since, which wait for no others. The end forgets what is no longer needed.
 */
export function nextBlockStep(rollout: BlockRollout): { step: BlockStep; at: EpochMs } {
  const { listed_at, rev, missed, late, due_at } = rollout;
  if (listed_at === null) return { step: "directory", at: due_at };
  if (rev === null) return { step: "shared", at: due_at };
  const pause = LATE_AFTER_MS[late];
  const lateAt = pause === undefined ? Number.POSITIVE_INFINITY : Math.max(due_at, listed_at + pause);
  if (missed.length > 0 && due_at < lateAt) return { step: "missed", at: due_at };
  return pause === undefined ? { step: "end", at: due_at } : { step: "late", at: lateAt };
}
