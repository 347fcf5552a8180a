import type { ReceiptStatus } from "@rocket-chat-api/protocol";

/** What a member's two watermarks say about a message. Who has read a message has also received it. */
export function statusOf(seq: number, readSeq: number, deliveredSeq: number): ReceiptStatus {
  if (readSeq >= seq) return "read";
  return deliveredSeq >= seq ? "delivered" : "sent";
}
