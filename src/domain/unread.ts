/**
 * Unread counts that cost the same whatever they count.
 *
 * Every countable message carries two running numbers: its place among all countable messages of the conversation
 * (`no`) and among its sender's (`sender_no`). What lies above a watermark is then a difference, not a count.
 * System messages are the server's and are never unread.
 */
import { calls, type MentionSet } from "./mentions.ts";

export interface ReadMark {
  /** Countable messages up to the watermark. */
  read_no: number;
  /** Of those, the reader's own. */
  read_sent_no: number;
  /** The others' messages above the watermark that are deleted. */
  unread_deleted: number;
}

/**
 * The others' undeleted messages above a member's watermark.
 * @param totalNo countable messages in the conversation so far.
 * @param sentNo of those, the member's own.
 */
export function unreadCount(totalNo: number, sentNo: number, mark: ReadMark): number {
  return totalNo - mark.read_no - (sentNo - mark.read_sent_no) - mark.unread_deleted;
}

/** What a change of one message does to the counts of those who have not read it. */
export interface CountChange {
  seq: number;
  sender_id: string;
  /** Whether it has just been deleted for everyone. */
  isDeleted: boolean;
  /** Whom it called before the change, and whom it calls now. */
  called: MentionSet | null;
  calls: MentionSet | null;
}

/** A member as far as counts go. */
export interface Reader {
  user_id: string;
  joined_seq: number;
  last_read_seq: number;
  unread_deleted: number;
  unread_mentions: number;
}

/** The counts of a member that have changed. */
export type Counts = Pick<Reader, "user_id" | "unread_deleted" | "unread_mentions">;

/**
 * The counts that changes of messages leave. Each change adds to what was counted before, so that a deletion in a large
 * group needs no count of each member's unread messages.
 * @param isHidden whether a member has deleted a message for themselves: then it counts for nothing already.
 * @returns the members whose counts change.
 */
export function countsAfter(
  members: Iterable<Reader>,
  changes: readonly CountChange[],
  isHidden: (userId: string, seq: number) => boolean,
): Counts[] {
  const changed: Counts[] = [];
  for (const { user_id, joined_seq, last_read_seq, unread_deleted, unread_mentions } of members) {
    let deleted = 0;
    let mentions = 0;
    for (const { seq, sender_id, isDeleted, called, calls: now } of changes) {
      const concerns = seq > last_read_seq && seq >= joined_seq && sender_id !== user_id;
      if (!concerns || isHidden(user_id, seq)) continue;
      if (isDeleted) deleted += 1;
      mentions += Number(calls(now, user_id, sender_id)) - Number(calls(called, user_id, sender_id));
    }
    if (deleted === 0 && mentions === 0) continue;
    changed.push({
      user_id,
      unread_deleted: unread_deleted + deleted,
      unread_mentions: unread_mentions + mentions,
    });
  }
  return changed;
}
