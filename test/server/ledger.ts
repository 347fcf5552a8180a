/** What the clients know: every message that was acknowledged, and what it took. */
import type { Message } from "@rocket-chat-api/protocol";

/** What a client sends; its id is used for this message alone. */
export interface Outgoing {
  client_message_id: string;
  content: string;
}

export class Ledger {
  readonly acknowledged = new Map<string, { sent: Outgoing; stored: Message }>();
  /** Messages that took more than one attempt. */
  retried = 0;
  /** Messages that an earlier attempt had stored, whose ack never came. */
  storedWithoutAck = 0;
  readonly violations: string[] = [];

  /** Notes an acknowledgement. @param lastAttemptAt when the attempt began that was acknowledged. */
  acknowledge(sent: Outgoing, stored: Message, attempts: number, lastAttemptAt: number): void {
    this.acknowledged.set(sent.client_message_id, { sent, stored });
    if (attempts > 1) this.retried += 1;
    // Client and server share the machine's clock here.
    if (Date.parse(stored.created_at) < lastAttemptAt) this.storedWithoutAck += 1;
    const { client_message_id, content } = sent;
    if (stored.client_message_id !== client_message_id || stored.content !== content) {
      this.violations.push(
        `the ack of ${client_message_id} carries another message: ${stored.client_message_id}`,
      );
    }
  }
}
