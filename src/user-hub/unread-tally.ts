/**
 * Adds up unread counts (rule 30). Each change costs the same, however many conversations there are: the sums are kept,
 * and only what a mute that ends by time moves is looked at later.
 */
import type { UnreadTotals } from "@rocket-chat-api/protocol";
import type { EpochMs } from "../domain/time.ts";
import type { UnreadCounts } from "../domain/unread.ts";

const NEVER = Number.POSITIVE_INFINITY;
const NOTHING: UnreadCounts = { unread: 0, mentions: 0 };

export class UnreadTally {
  /** Of the conversations with something unread. */
  readonly #counts = new Map<string, UnreadCounts>();
  /** When the mute of each muted conversation ends. */
  readonly #mutes = new Map<string, EpochMs>();
  readonly #sums: UnreadTotals = { messages: 0, mentions: 0, conversations: 0, muted_messages: 0 };
  /** When the next mute ends, or earlier. */
  #nextEnd: EpochMs = NEVER;

  /** Sets the counts of a conversation: zero where the user is no longer a member. */
  set(conversationId: string, { unread, mentions }: UnreadCounts): void {
    this.#count(conversationId, -1);
    if (unread === 0 && mentions === 0) this.#counts.delete(conversationId);
    else this.#counts.set(conversationId, { unread, mentions });
    this.#count(conversationId, 1);
  }

  /** Mutes a conversation until a time, infinity being forever; 0 ends the mute. */
  setMuted(conversationId: string, until: EpochMs): void {
    this.#count(conversationId, -1);
    if (until <= 0) this.#mutes.delete(conversationId);
    else this.#mutes.set(conversationId, until);
    if (until > 0) this.#nextEnd = Math.min(this.#nextEnd, until);
    this.#count(conversationId, 1);
  }

  /** The totals at a time. A mute that has ended by then is over: time must not go back between two calls. */
  total(now: EpochMs): UnreadTotals {
    if (this.#nextEnd <= now) this.#endMutes(now);
    return { ...this.#sums };
  }

  /** When the next mute ends, or earlier; infinity if none does. */
  get nextMuteEnd(): EpochMs {
    return this.#nextEnd;
  }

  #endMutes(now: EpochMs): void {
    for (const [id, until] of [...this.#mutes]) if (until <= now) this.setMuted(id, 0);
    this.#nextEnd = Math.min(NEVER, ...this.#mutes.values());
  }

  /** Adds what a conversation counts to the sums, or takes it away. */
  #count(conversationId: string, sign: 1 | -1): void {
    const { unread, mentions } = this.#counts.get(conversationId) ?? NOTHING;
    const sums = this.#sums;
    if (this.#mutes.has(conversationId)) {
      sums.muted_messages += sign * unread;
      return;
    }
    sums.messages += sign * unread;
    sums.mentions += sign * mentions;
    if (unread > 0) sums.conversations += sign;
  }
}
