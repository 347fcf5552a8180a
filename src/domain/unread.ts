/**
 * Unread counts at a constant cost.
 *
 * Every countable message has two running numbers: its position among all countable messages of the conversation
 * (`no`), and among those of its sender (`sender_no`). The count above a watermark is a difference of these numbers.
 * System messages are never unread.
 */
import { calls, type MentionSet } from "./mentions.ts";
import type { EpochMs } from "./time.ts";

/** What a member has not read in one conversation. */
export interface UnreadCounts {
  unread: number;
  mentions: number;
}

/** The same, as a conversation tells a user's hub. */
export interface MemberUnread extends UnreadCounts {
  /** Rises with every change in the conversation: an older one never replaces a newer one. */
  version: number;
}

/** What a user's totals are made of, by conversation. */
export interface UnreadBase {
  /** Of those with unread messages. */
  counts: ReadonlyMap<string, UnreadCounts>;
  /** When each active mute ends; infinity if never. */
  mutes: ReadonlyMap<string, EpochMs>;
}

interface ReadMark {
  /** Countable messages up to the watermark. */
  read_no: number;
  /** Of those, the messages of the reader. */
  read_sent_no: number;
  /** Of those, the messages of people whom the reader has blocked. */
  read_blocked_no: number;
  /** Deleted messages above the watermark, of others whom the reader has not blocked. */
  unread_deleted: number;
}

/**
 * Counts the undeleted messages above a member's watermark, of others whom they have not blocked.
 * @param totalNo countable messages in the conversation so far.
 * @param sentNo of those, the messages of the member.
 * @param blockedNo of those, the messages of people whom the member has blocked.
 */
export function unreadCount(totalNo: number, sentNo: number, blockedNo: number, mark: ReadMark): number {
  const own = sentNo - mark.read_sent_no;
  const unseen = blockedNo - mark.read_blocked_no;
  return totalNo - mark.read_no - own - unseen - mark.unread_deleted;
}

/**
 * Countable messages that one of two people has sent up to a message.
 * @param message the newest one there, of any type: its sender's are `sender_no`, and all others are the other's.
 */
export function sentInPair(
  userId: string,
  message: { sender_id: string; no: number; sender_no: number },
): number {
  return message.sender_id === userId ? message.sender_no : message.no - message.sender_no;
}

/** Messages between two tallies of a group's senders. A tally is as large as its senders are many. */
export function tallyInterval(senders: number): number {
  return Math.max(64, senders);
}

/** How a change of one message affects the counts of members who have not read it. */
export interface CountChange {
  seq: number;
  sender_id: string;
  /** Whether it has just been deleted for everyone. */
  isDeleted: boolean;
  /** Whether it was deleted, and has just come back. */
  isRestored?: boolean;
  /** Whom it mentioned before the change, and whom it mentions now. */
  called: MentionSet | null;
  calls: MentionSet | null;
}

/** The fields of a member that counts need. */
export interface Reader {
  user_id: string;
  joined_seq: number;
  last_read_seq: number;
  unread_deleted: number;
  unread_mentions: number;
}

/** The changed counts of a member. */
export type Counts = Pick<Reader, "user_id" | "unread_deleted" | "unread_mentions">;

/**
 * Computes counts after changes of messages. Each change is added to the previous count, so a deletion in a large group
 * does not recount every member.
 * @param isUnseen whether a member does not see a message, because they deleted it for themselves or have blocked its
 *   sender. Such a message is not counted.
 * @returns the members whose counts change.
 */
export function countsAfter(
  members: Iterable<Reader>,
  changes: readonly CountChange[],
  isUnseen: (userId: string, change: CountChange) => boolean,
): Counts[] {
  const changed: Counts[] = [];
  for (const { user_id, joined_seq, last_read_seq, unread_deleted, unread_mentions } of members) {
    let deleted = 0;
    let mentions = 0;
    for (const change of changes) {
      const { seq, sender_id, isDeleted, isRestored, called, calls: now } = change;
      const concerns = seq > last_read_seq && seq >= joined_seq && sender_id !== user_id;
      if (!concerns || isUnseen(user_id, change)) continue;
      if (isDeleted) deleted += 1;
      if (isRestored) deleted -= 1;
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
