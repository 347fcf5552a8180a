/** The order in which a user's conversations are told of a changed profile. */
import type { Caller } from "../domain/caller.ts";

/**
 * A changed profile that not every conversation has yet. Survives the hub's end, so each step may be done twice, which
 * is harmless: a conversation takes a version once.
 */
export interface ProfileNews {
  profile: Caller;
  /** When the news came, in milliseconds since 1970. */
  since: number;
  /** The revision of the directory up to which its memberships have been told; null until it was first asked. */
  rev: number | null;
  /** Conversations up to this id have been told, the most recent ones too; null when all have. */
  after: string | null;
  /** Attempts that have failed in a row. */
  failures: number;
  /** When the next step is due, in milliseconds since 1970. */
  due_at: number;
}

/**
 * Milliseconds until conversations are looked for once more: who joined one just before the change may have come with
 * the older profile, and the directory shows a new membership only after a while.
 */
const LATE_AFTER_MS = 10_000;

/** News that nobody has been told of yet. */
export function newsOf(profile: Caller, now: number): ProfileNews {
  return { profile, since: now, rev: null, after: "", failures: 0, due_at: now };
}

export type NewsStep = "recent" | "rest" | "missed" | "late";

/**
 * What comes next: the conversations where something was said last, then all others, then those that could not be
 * reached, and in the end those that were not in the directory yet.
 * @param hasMissed whether some could not be reached.
 */
export function nextStep(news: ProfileNews, hasMissed: boolean): { step: NewsStep; at: number } {
  if (news.rev === null) return { step: "recent", at: news.due_at };
  if (news.after !== null) return { step: "rest", at: news.due_at };
  if (hasMissed) return { step: "missed", at: news.due_at };
  return { step: "late", at: Math.max(news.due_at, news.since + LATE_AFTER_MS) };
}
