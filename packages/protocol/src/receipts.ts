/** The rule of receipts, the same for server and clients (rule 19). */
import type { ReceiptStatus } from "./receipt-schemas.ts";

/** What two watermarks of a member say about a message. Who has read a message has also received it. */
export function statusOf(seq: number, readSeq: number, deliveredSeq: number): ReceiptStatus {
  if (readSeq >= seq) return "read";
  return deliveredSeq >= seq ? "delivered" : "sent";
}
