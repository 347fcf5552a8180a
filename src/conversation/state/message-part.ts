/**
 * A part of a message: something that is said with it, or that hangs on it. Views, deletion and redaction go through the
 * list of parts (parts.ts), so a new part cannot be forgotten in one of them.
 */
import type { Message } from "@rocket-chat-api/protocol";
import type { Room } from "./room.ts";
import type { MessageRow } from "./store.ts";

export interface MessagePart<Fields extends Partial<Message> = Partial<Message>> {
  /** Who it comes from: the sender, with the message, or others, later. */
  from: "sender" | "others";
  /** The fields of a message that has none of it. */
  empty: Fields;
  /**
   * Reads what it needs for all of these messages, with one query at most.
   * @returns the fields of each.
   */
  load(room: Room, rows: readonly MessageRow[]): (row: MessageRow) => Fields;
  /** The columns of the message's row that go with a deletion, and what is left in them. */
  cleared: Partial<MessageRow>;
  /** Deletes the other rows that go with a deletion; nothing, where there are none. */
  clear(room: Room, seq: number): void;
  /** The fields as they are for a member who may not see the message. */
  redact(fields: Fields): Fields;
}
