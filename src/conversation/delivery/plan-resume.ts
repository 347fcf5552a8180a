/** Decides how a client that was away is brought up to date (rule 21). */
import { type ForgottenRange, isForgotten } from "../../domain/recovery.ts";

/** The positions of a client and of its conversation. */
export interface ResumeState {
  /** The highest `seq` up to which the client has everything. */
  since: number;
  /** The conversation's counter. */
  head: number;
  /** Where the client's membership began. */
  joinedSeq: number;
  /** Where it last changed whom the client's user has blocked; null if it never did. */
  blocksSeq: number | null;
  /** What was forgotten when the conversation went back to a point in time. */
  forgotten: readonly ForgottenRange[];
}

/**
 * Decides how to bring a client up to date.
 * @returns `changes`: what came after `since`. `limited`: what the client has is from an earlier membership, so the
 *   newest page replaces it. `future`: the same, because this conversation has never reached `since`. `reset`: the same,
 *   because the user has blocked or unblocked a member since, which takes no number. `forgotten`: the same, because the
 *   client stands at a number that was forgotten: what it has from there is not part of the conversation any more.
 */
export function planResume(state: ResumeState): "changes" | "limited" | "future" | "forgotten" | "reset" {
  if (state.since > state.head) return "future";
  if (isForgotten(state.forgotten, state.since)) return "forgotten";
  // Zero means that the client has nothing. Any other position before the membership is from an earlier one.
  if (state.since <= 0) return "changes";
  if (state.since < state.joinedSeq) return "limited";
  return state.blocksSeq !== null && state.since <= state.blocksSeq ? "reset" : "changes";
}
