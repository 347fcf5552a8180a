/** Unread counts, counted once more from the rows: the service only subtracts running numbers. */
import type { Truth } from "./convergence.ts";
import { isUnseen, type MessageRow, type Rows } from "./rows.ts";

/** How many messages are unread to a member; undefined for who is not in. */
export function unreadIn(rows: Rows, userId: string): number | undefined {
  return unreadMessagesIn(rows, userId)?.length;
}

/** The others' undeleted messages above a member's watermark that they have not hidden, and whose sender not blocked; undefined for who is not in. */
export function unreadMessagesIn(rows: Rows, userId: string): MessageRow[] | undefined {
  const member = rows.members.find(({ user_id, left_seq }) => user_id === userId && left_seq === null);
  if (!member) return undefined;
  const hidden = new Set(rows.hidden.filter((one) => one.user_id === userId).map((one) => one.seq));
  return rows.messages.filter(
    ({ seq, sender_id, type, deleted_at }) =>
      !isUnseen(rows, userId, { sender_id, type }) &&
      seq > member.last_read_seq &&
      seq >= member.joined_seq &&
      sender_id !== userId &&
      type !== "system" &&
      deleted_at === null &&
      !hidden.has(seq),
  );
}

/** Holds each member's count against the rows. */
export function checkUnread(conversationId: string, rows: Rows, truth: Truth): string[] {
  return rows.members.flatMap(({ user_id, username }) => {
    // Nobody is in it any more for whom it was counted.
    if (username.startsWith("deleted_")) return [];
    const unread = unreadIn(rows, user_id);
    const count = truth.get(`${conversationId} ${user_id}`)?.unread_count;
    if (unread === undefined || count === unread) return [];
    return [`${user_id} has ${count} unread messages in ${conversationId}, should be ${unread}`];
  });
}
