/**
 * A conversation that goes back to a point in time (rule 21): which of its numbers are forgotten, and what the steps of a recovery
 * tell each other. Decisions only.
 *
 * No number is ever given twice. What was said after the point in time is forgotten with its numbers, and the counter goes on past
 * all of them; a client that stands at one of them gets the newest page in place of all that it has, for good.
 */
import { type Failure, failure } from "@rocket-chat-api/protocol";
import type { BlockWord } from "./blocks.ts";
import type { Caller } from "./caller.ts";
import type { ErasureOrder } from "./erased-person.ts";
import type { EpochMs } from "./time.ts";

/** Numbers that are nobody's any more: those above `after`, up to `up_to`. */
export interface ForgottenRange {
  after: number;
  up_to: number;
}

/** Whether a number is among forgotten ones. */
export function isForgotten(ranges: readonly ForgottenRange[], seq: number): boolean {
  return ranges.some(({ after, up_to }) => seq > after && seq <= up_to);
}

/** Up to where numbers have ever been forgotten; 0 if none were. */
export function forgottenUpTo(ranges: readonly ForgottenRange[]): number {
  return ranges.reduce((highest, { up_to }) => Math.max(highest, up_to), 0);
}

/** Ranges of two times as one list, in order, where those that touch are one. */
export function joinRanges(...lists: readonly (readonly ForgottenRange[])[]): ForgottenRange[] {
  const joined: ForgottenRange[] = [];
  for (const range of lists.flat().sort((a, b) => a.after - b.after)) {
    const last = joined.at(-1);
    if (last && range.after <= last.up_to) last.up_to = Math.max(last.up_to, range.up_to);
    else joined.push({ ...range });
  }
  return joined;
}

/** The platform keeps so much of each object, in milliseconds: 30 days. */
export const RECOVERABLE_MS = 30 * 24 * 3_600_000;

/** Why a conversation cannot go back to a time, or undefined. */
export function checkRecovery(to: EpochMs, created_at: EpochMs, now: EpochMs): Failure | undefined {
  const invalid = (message: string) => failure("VALIDATION_ERROR", message);
  if (to > now) return invalid("`to` lies in the future");
  if (to < now - RECOVERABLE_MS) return invalid("`to` is more than 30 days ago");
  // There is nothing to go back to, and the conversation would be empty.
  if (to < created_at) return invalid("The conversation did not exist at that time");
  return undefined;
}

/**
 * Numbers that may be given between the moment in which the counter is read and the one in which the object begins again. They are
 * forgotten with the others, so that no exact count is needed.
 */
export const SPARE_NUMBERS = 1_000_000;

/** A conversation that begins with an earlier state when it is next started. */
export interface Armed {
  /** The state right before that: with it the recovery can be undone. */
  undo: string;
  /** All numbers given so far are at or below this. */
  up_to: number;
  /** Its revision, which must not be given again either. */
  rev: number;
  /** What was forgotten before. The earlier state may not know. */
  forgotten: readonly ForgottenRange[];
  /** The object's clock. */
  at: EpochMs;
}

/** A person whom the directory knows in a conversation. */
export interface KnownPerson {
  profile: Caller;
  /** Whether they were a member before the recovery. */
  is_member: boolean;
  /** How far they have read. Watermarks do not go back (rule 19). */
  last_read_seq: number;
}

/** What a conversation is told after it has come back as it was. */
export interface FinishOrder extends Pick<Armed, "up_to" | "rev" | "forgotten"> {
  job_id: string;
  /** What was said at this time or later was said after the object began again: it is kept, with other numbers. */
  said_since: EpochMs;
  people: KnownPerson[];
  /** All blocks between them. */
  blocks: BlockWord[];
  /** People who were erased. `names` is left to the conversation: it has them back. */
  erased: Omit<ErasureOrder, "names">[];
}

/** What only a recovery asks of a conversation. */
export interface RecoveryRequests {
  /** The platform's name of the state at a time, or now. Changes nothing. */
  find: { input: { to: EpochMs | null }; answer: { bookmark: string } };
  /** The next start begins with that state. */
  arm: { input: { job_id: string; bookmark: string }; answer: Armed };
  /**
   * Starts it again, so that the call fails. It answers where there is no need, because it has come back already, or no use:
   * more numbers than {@link SPARE_NUMBERS} were given since.
   */
  restart: { input: Pick<FinishOrder, "job_id" | "up_to">; answer: { state: "restored" | "moved" } };
  /** Makes it whole, then starts it again, so that the call fails; answers `done` when that is done, `empty` if nothing came back. */
  finish: { input: FinishOrder; answer: { state: "done" | "empty" } };
  /** Starts it with another state: the earlier one was empty. The call fails. */
  undo: { input: { bookmark: string }; answer: null };
}

export type RecoveryRequestName = keyof RecoveryRequests;
export type RecoveryInput<Name extends RecoveryRequestName> = RecoveryRequests[Name]["input"];

/** Blocks that a conversation has back although they have ended since, as words that end them: newer than what it has. */
export function endedBlocks(kept: readonly BlockWord[], current: readonly BlockWord[]): BlockWord[] {
  const keyOf = ({ blocker_id, blocked_id }: BlockWord) => `${blocker_id} ${blocked_id}`;
  const known = new Set(current.map(keyOf));
  const ended = kept.filter((word) => word.is_blocked && !known.has(keyOf(word)));
  // The hub has counted the end of the block as well, so its next word is newer than this one.
  return ended.map((word) => ({ ...word, is_blocked: false, version: word.version + 1 }));
}
