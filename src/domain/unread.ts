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

/** How much more a member has unread of what is taken off the count, and of mentions. */
export interface UnreadChange {
  deleted: number;
  mentions: number;
}

/** What makes a message count as unread to a member. */
interface Countable {
  seq: number;
  sender_id: string;
  mentions: MentionSet | null;
  /** Those who hid it: to them it is off the count already, and calls nobody. */
  hidden_by: ReadonlySet<string>;
}

/** Whether a message is one that a member has unread, before it is deleted or edited. */
function isUnread(message: Countable, member: { user_id: string; last_read_seq: number }): boolean {
  const { seq, sender_id, hidden_by } = message;
  return seq > member.last_read_seq && sender_id !== member.user_id && !hidden_by.has(member.user_id);
}

/** What the deletion of messages for everyone changes for a member. */
export function afterDeletion(
  messages: readonly Countable[],
  member: { user_id: string; last_read_seq: number },
): UnreadChange {
  const unread = messages.filter((message) => isUnread(message, member));
  const calling = unread.filter(({ mentions, sender_id }) => calls(mentions, member.user_id, sender_id));
  return { deleted: unread.length, mentions: -calling.length };
}

/** What it changes for a member that a message mentions others than before. */
export function afterMentions(
  message: Countable,
  mentions: MentionSet | null,
  member: { user_id: string; last_read_seq: number },
): UnreadChange {
  if (!isUnread(message, member)) return { deleted: 0, mentions: 0 };
  const is = (set: MentionSet | null) => (calls(set, member.user_id, message.sender_id) ? 1 : 0);
  return { deleted: 0, mentions: is(mentions) - is(message.mentions) };
}
