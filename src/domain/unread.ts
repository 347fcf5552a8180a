/**
 * Unread counts that cost the same whatever they count.
 *
 * Every countable message carries two running numbers: its place among all countable messages of the conversation
 * (`no`) and among its sender's (`sender_no`). What lies above a watermark is then a difference, not a count.
 * System messages are the server's and are never unread.
 */

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
