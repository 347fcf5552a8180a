/** The receipts of loaded messages, from the members' watermarks (rule 19). */
import type { Message, ReceiptStatus } from "@rocket-chat-api/protocol";
import { statusOf } from "@rocket-chat-api/protocol/facts";
import type { ConversationState } from "./state.ts";

/**
 * The status of a message. For the viewer's own message: the lowest status among the members who were there. For a
 * message from another member: whether the viewer has read it. In groups of over 100 members receipts are not pushed:
 * ask `rest.listReceipts` there.
 */
export function receiptStatus(state: ConversationState, message: Message): ReceiptStatus {
  if (message.sender_id !== state.viewer_id) {
    // A message that is loaded has been delivered.
    const own = state.watermarks.get(state.viewer_id);
    return own && own.last_read_seq >= message.seq ? "read" : "delivered";
  }
  let lowest: ReceiptStatus | undefined;
  for (const [userId, mark] of state.watermarks) {
    if (userId === state.viewer_id || mark.joined_seq > message.seq) continue;
    const status = statusOf(message.seq, mark.last_read_seq, mark.last_delivered_seq);
    if (status === "sent") return status;
    if (lowest !== "delivered") lowest = status;
  }
  return lowest ?? "sent";
}
