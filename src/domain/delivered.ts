/** Delivered watermarks: up to where a member's devices have received messages, and when (rule 19). */

import type { EpochMs } from "./time.ts";

/** The watermark reached `seq` at `at`, when the conversation's counter stood at `at_seq`. */
export interface DeliveredMark {
  seq: number;
  at: EpochMs;
  at_seq: number;
}

/** Marks kept for each member: enough to date the recent messages, which are the ones that clients ask about. */
const KEPT = 4;

/** Up to where a member's devices have received messages. */
export function deliveredSeq(marks: readonly DeliveredMark[] | undefined): number {
  return marks?.at(-1)?.seq ?? 0;
}

/** Moves a watermark, only forward. @returns the new marks, or undefined if it is there already. */
export function advance(
  marks: readonly DeliveredMark[] | undefined,
  mark: DeliveredMark,
): DeliveredMark[] | undefined {
  if (mark.seq <= deliveredSeq(marks)) return undefined;
  return [...(marks ?? []), mark].slice(-KEPT);
}

/**
 * When a message was delivered, at the latest: the time of the first kept mark at or above it. Undefined if it was not
 * delivered.
 */
export function deliveredAt(marks: readonly DeliveredMark[] | undefined, seq: number): EpochMs | undefined {
  return marks?.find((mark) => mark.seq >= seq)?.at;
}

/** The newest messages of a batch, by two different senders: enough to know the newest that a member did not send. */
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

/** The newest message of a batch that another user sent; 0 if there is none. */
export function newestFromOthers(batch: DeliveredBatch, userId: string): number {
  return (batch.last.sender_id === userId ? batch.other?.seq : batch.last.seq) ?? 0;
}
