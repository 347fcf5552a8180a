/** Unread counts, counted once more from the rows: the service only subtracts running numbers. */
import type { Truth } from "./convergence.ts";
import type { Rows } from "./rows.ts";

/** Each member's count is that of the others' undeleted messages above their watermark that they have not hidden. */
export function checkUnread(conversationId: string, rows: Rows, truth: Truth): string[] {
  return rows.members
    .filter(({ left_seq }) => left_seq === null)
    .flatMap(({ user_id, joined_seq, last_read_seq }) => {
      const hidden = new Set(rows.hidden.filter((one) => one.user_id === user_id).map((one) => one.seq));
      const unread = rows.messages.filter(
        ({ seq, sender_id, type, deleted_at }) =>
          seq > last_read_seq &&
          seq >= joined_seq &&
          sender_id !== user_id &&
          type !== "system" &&
          deleted_at === null &&
          !hidden.has(seq),
      );
      const count = truth.get(`${conversationId} ${user_id}`)?.unread_count;
      if (count === unread.length) return [];
      return [`${user_id} has ${count} unread messages in ${conversationId}, should be ${unread.length}`];
    });
}
