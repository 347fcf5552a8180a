/** Receipts of loaded messages, as they follow from the members' watermarks (rule 19). */
import type { Message, ReceiptStatus } from "@rocket-chat-api/protocol";
import type { ConversationState, Watermarks } from "./state.ts";

/**
 * How far a message has come: of one's own, the lowest over the others who were there; of the others', one's own state.
 * In groups of over 100 members receipts are not pushed: ask `GET /messages/:id/receipts` there.
 */
export function receiptStatus(state: ConversationState, message: Message): ReceiptStatus {
  if (message.sender_id !== state.viewer_id) {
    // What is here has been delivered; that is told to its sender, and not here.
    const own = state.watermarks.get(state.viewer_id);
    return own && own.last_read_seq >= message.seq ? "read" : "delivered";
  }
  let lowest: ReceiptStatus | undefined;
  for (const [userId, mark] of state.watermarks) {
    if (userId === state.viewer_id || mark.joined_seq > message.seq) continue;
    const status = statusOf(message.seq, mark);
    if (status === "sent") return status;
    if (lowest !== "delivered") lowest = status;
  }
  return lowest ?? "sent";
}

function statusOf(seq: number, { last_read_seq, last_delivered_seq }: Watermarks): ReceiptStatus {
  if (last_read_seq >= seq) return "read";
  return last_delivered_seq >= seq ? "delivered" : "sent";
}
