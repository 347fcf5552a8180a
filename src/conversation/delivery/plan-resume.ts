/** What a client that was away is sent (rule 21). */

/** Where a client says that it is, and where the conversation is. */
export interface ResumeState {
  /** The highest `seq` up to which the client has everything. */
  since: number;
  /** The conversation's counter. */
  head: number;
  /** Where the client's membership began. */
  joinedSeq: number;
}

/**
 * Decides how to bring a client up to date.
 * @returns `changes` after `since`; or `limited`, where what the client has cannot be continued: it is from an earlier
 *   membership, or (`future`) from a counter that this conversation never reached.
 */
export function planResume(state: ResumeState): "changes" | "limited" | "future" {
  if (state.since > state.head) return "future";
  // Zero is a client that has nothing; anything else from before the membership is another membership's.
  return state.since > 0 && state.since < state.joinedSeq ? "limited" : "changes";
}
