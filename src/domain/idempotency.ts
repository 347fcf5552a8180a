/** When a repeated `client_message_id` is a retry, and when it is a mistake (rule 12). */

/** What makes two sends the same. */
export interface SendFingerprint {
  type: string;
  content: string;
  reply_to_seq: number | null;
  metadata: string | null;
  /** Their ids, in order. */
  attachment_ids?: readonly string[];
}

/**
 * Decides whether a send repeats an earlier one.
 * @param original the first message as it was sent, before any edit; undefined when it has been deleted and its
 *   text is gone, in which case a retry is given the benefit of the doubt.
 */
export function isSameSend(original: SendFingerprint | undefined, again: SendFingerprint): boolean {
  if (!original) return true;
  return (
    original.type === again.type &&
    original.content === again.content &&
    original.reply_to_seq === again.reply_to_seq &&
    original.metadata === again.metadata &&
    (original.attachment_ids ?? []).join() === (again.attachment_ids ?? []).join()
  );
}
