/**
 * Messages on their way, as an app shows them: `@rocket-chat-api/client/outgoing`.
 *
 * ```ts
 * const outgoing = new Outgoing(client);
 * outgoing.onChange(conversationId, () => render(outgoing.list(conversationId)));
 * outgoing.send(conversationId, { content: "Hello!" });
 * ```
 *
 * {@link Outgoing} keeps a message from the moment it is written until the conversation's state has it, with what failed
 * and may be tried again. Its `client_message_id` is that of the real message: one key for both. {@link receiptStatus} says how far
 * the real one has come.
 */

export type { OutgoingClient } from "./outgoing/host.ts";
export { Outgoing } from "./outgoing/outgoing.ts";
export { FileNotKept, type OutgoingFile, type OutgoingMessage } from "./outgoing/record.ts";
export { receiptStatus } from "./receipts.ts";
