/**
 * Ids, and the place that an id names.
 *
 * A conversation's id is a UUIDv8 (RFC 9562 §5.8) whose first 74 free bits are random (the key) and whose last
 * 48 bits are 0. A message's id is the same key with the message's `seq` in the last 48 bits. So a message finds
 * its conversation, and a page boundary its position, without a lookup. Knowing an id grants nothing.
 */

/** The part that a conversation and its messages share, as text: `xxxxxxxx-xxxx-8xxx-vxxx-`. */
const KEY_LENGTH = 24;
const ZERO_SEQ = "000000000000";
const NATIVE_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Stands for the server itself, as the sender of what it says: the nil UUID (RFC 9562 §5.9), which is no user's. */
export const SYSTEM_USER_ID = "00000000-0000-0000-0000-000000000000";

/** Highest `seq` that an id can carry (48 bits). */
export const MAX_SEQ = 2 ** 48 - 1;

/**
 * Makes the id of a new conversation.
 * @param random 16 random bytes; 74 of their bits are used.
 * @returns a UUIDv8 whose last 48 bits are 0.
 */
export function newConversationId(random: Uint8Array = crypto.getRandomValues(new Uint8Array(16))): string {
  const bytes = random.slice(0, 10);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${ZERO_SEQ}`;
}

/**
 * The id of message `seq` of a conversation.
 * @throws RangeError if `seq` is not an integer from 1 to {@link MAX_SEQ}.
 */
export function messageId(conversationId: string, seq: number): string {
  if (!Number.isInteger(seq) || seq < 1 || seq > MAX_SEQ) throw new RangeError(`seq out of range: ${seq}`);
  return conversationId.slice(0, KEY_LENGTH) + seq.toString(16).padStart(12, "0");
}

/** Whether this UUID can be the id of one of our conversations. */
export function isConversationId(id: string): boolean {
  return NATIVE_ID.test(id) && id.endsWith(ZERO_SEQ);
}

/**
 * Splits a message id.
 * @returns the conversation's id and the position in it, or undefined if the UUID cannot be one of our messages.
 */
export function parseMessageId(id: string): { conversation_id: string; seq: number } | undefined {
  if (!NATIVE_ID.test(id)) return undefined;
  const seq = Number.parseInt(id.slice(KEY_LENGTH), 16);
  if (seq === 0) return undefined;
  return { conversation_id: id.slice(0, KEY_LENGTH) + ZERO_SEQ, seq };
}

/**
 * The position that a message id names within one conversation.
 * @returns `seq`, or undefined if the id belongs to another conversation.
 */
export function seqWithin(conversationId: string, id: string): number | undefined {
  const parsed = parseMessageId(id);
  return parsed?.conversation_id === conversationId ? parsed.seq : undefined;
}

/** The position that a message id names, for ids that the server gave: nothing is checked. */
export function seqOf(messageId: string): number {
  return Number.parseInt(messageId.slice(KEY_LENGTH), 16);
}

/** The conversation that a message belongs to, for ids that the server gave: nothing is checked. */
export function conversationOf(messageId: string): string {
  return messageId.slice(0, KEY_LENGTH) + ZERO_SEQ;
}
