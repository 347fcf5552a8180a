/** Delivered watermarks: how far a member's devices have been handed messages, and when (rule 19). */

/** The watermark reached `seq` at `at` (milliseconds since 1970), when the conversation's counter stood at `at_seq`. */
export interface DeliveredMark {
  seq: number;
  at: number;
  at_seq: number;
}

/** Marks kept for each member: enough to date the messages that somebody is likely to ask about. */
const KEPT = 4;

/** How far a member's devices have been handed messages. */
export function deliveredSeq(marks: readonly DeliveredMark[] | undefined): number {
  return marks?.at(-1)?.seq ?? 0;
}

/** Moves a watermark. @returns the new marks, or undefined if it is there already: it only moves forward. */
export function advance(
  marks: readonly DeliveredMark[] | undefined,
  mark: DeliveredMark,
): DeliveredMark[] | undefined {
  if (mark.seq <= deliveredSeq(marks)) return undefined;
  return [...(marks ?? []), mark].slice(-KEPT);
}

/** When a message was delivered: at the latest when the first kept mark above it was made. Undefined if it was not. */
export function deliveredAt(marks: readonly DeliveredMark[] | undefined, seq: number): number | undefined {
  return marks?.find((mark) => mark.seq >= seq)?.at;
}

/** The newest messages of a batch, by two different senders: enough to know the newest that is not one's own. */
export interface DeliveredBatch {
  last: { seq: number; sender_id: string };
  other: { seq: number; sender_id: string } | undefined;
}

/** Adds a message to a batch. Messages come in the order of `seq`. */
export function addToBatch(
  batch: DeliveredBatch | undefined,
  seq: number,
  sender_id: string,
): DeliveredBatch {
  const message = { seq, sender_id };
  if (!batch) return { last: message, other: undefined };
  return { last: message, other: batch.last.sender_id === sender_id ? batch.other : batch.last };
}

/** Two batches as one; `newer` holds the later messages. */
export function joinDelivered(
  older: DeliveredBatch | undefined,
  newer: DeliveredBatch | undefined,
): DeliveredBatch | undefined {
  if (!older || !newer) return newer ?? older;
  const { last } = newer;
  const other = newer.other ?? (older.last.sender_id === last.sender_id ? older.other : older.last);
  return { last, other };
}

/** The newest message of a batch that somebody else sent; 0 if there is none. */
export function newestFromOthers(batch: DeliveredBatch, userId: string): number {
  return (batch.last.sender_id === userId ? batch.other?.seq : batch.last.seq) ?? 0;
}
