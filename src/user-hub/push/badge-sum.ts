/** The number on the app's icon as a sum that is kept: each change costs the same, however many conversations there are. Pure. */
import { type ConversationChoice, isMuted } from "../../domain/preferences.ts";
import type { EpochMs } from "../../domain/time.ts";

/** What a conversation adds to the sum. */
export type Counted = Pick<ConversationChoice, "is_muted" | "muted_until"> & {
  unread_count: number;
  /** Whether the user has not accepted it: then it counts in no total. */
  is_request: boolean;
};

export class BadgeSum {
  #sum: number;
  /** The mutes that count are those of this time. */
  readonly #at: EpochMs;
  /** When the next of them ends. */
  #until: EpochMs;

  /** @param sum of all conversations at a time. @param until when the next mute ends. */
  constructor(sum: number, at: EpochMs, until: EpochMs | undefined) {
    this.#sum = sum;
    this.#at = at;
    this.#until = until ?? Number.POSITIVE_INFINITY;
  }

  /** The sum at a time; undefined if a mute has ended since, or the clock was set back: it must be made again. */
  at(now: EpochMs): number | undefined {
    return now >= this.#at && now < this.#until ? this.#sum : undefined;
  }

  /** A conversation has changed. @param before undefined if it is new. @param after undefined if it is gone. */
  replace(before: Counted | undefined, after: Counted | undefined): void {
    this.#sum += this.#worth(after) - this.#worth(before);
    const { is_muted = false, muted_until = null } = after ?? {};
    if (is_muted && muted_until !== null && muted_until > this.#at)
      this.#until = Math.min(this.#until, muted_until);
  }

  #worth(conversation: Counted | undefined): number {
    if (!conversation || conversation.is_request || isMuted(conversation, this.#at)) return 0;
    return conversation.unread_count;
  }
}
