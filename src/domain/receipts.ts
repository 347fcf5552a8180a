/** How often receipts are told, and what they say (rule 19). */
import {
  type ConversationType,
  MAX_RECEIPT_PUSH_MEMBERS,
  RECEIPT_INTERVAL_MS,
  type ReceiptStatus,
} from "../protocol/index.ts";

/** Receipts of larger groups are only written down, this often. */
const UNPUSHED_INTERVAL_MS = 10_000;
/** Everybody's receipts go to everybody, so the pause grows with the members and the traffic only linearly. */
const INTERVAL_MS_PER_MEMBER = 25;

/** Milliseconds to gather receipts before they are told; 0 is at once. */
export function receiptInterval(type: ConversationType, memberCount: number): number {
  if (type === "direct") return 0;
  if (!pushesReceipts(memberCount)) return UNPUSHED_INTERVAL_MS;
  return Math.max(RECEIPT_INTERVAL_MS, memberCount * INTERVAL_MS_PER_MEMBER);
}

/** Whether receipts are pushed to everybody, or must be asked for. */
export function pushesReceipts(memberCount: number): boolean {
  return memberCount <= MAX_RECEIPT_PUSH_MEMBERS;
}

/** What two watermarks say about a message. Who has read a message has also received it. */
export function statusOf(seq: number, readSeq: number, deliveredSeq: number): ReceiptStatus {
  if (readSeq >= seq) return "read";
  return deliveredSeq >= seq ? "delivered" : "sent";
}
