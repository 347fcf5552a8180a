/**
 * What an id says (see protocol/ids.ts). Repeated here so that a client's bundle holds no schemas: from the protocol
 * this library takes types and plain figures only.
 */

/** Characters of the part that a conversation and its messages share. */
const KEY_LENGTH = 24;

/** The place of a message in its conversation, from its id. */
export function seqOf(messageId: string): number {
  return Number.parseInt(messageId.slice(KEY_LENGTH), 16);
}

/** The id of the message at a place of a conversation. */
export function messageIdAt(conversationId: string, seq: number): string {
  return conversationId.slice(0, KEY_LENGTH) + seq.toString(16).padStart(12, "0");
}

/** The conversation that a message belongs to. */
export function conversationOf(messageId: string): string {
  return messageId.slice(0, KEY_LENGTH) + "0".repeat(messageId.length - KEY_LENGTH);
}
