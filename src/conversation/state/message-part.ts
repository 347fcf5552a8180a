/**
 * A part of a message: content that is sent with it or added to it. Views, deletion and redaction use the list of parts
 * (parts.ts), so none of them can miss a new part.
 */
import type { Message } from "@rocket-chat-api/protocol";
import type { Room } from "./room.ts";
import type { MessageRow } from "./store.ts";

export interface MessagePart<Fields extends Partial<Message> = Partial<Message>> {
  /** Who adds it: the sender, with the message, or others, later. */
  from: "sender" | "others";
  /** The fields of a message without this part. */
  empty: Fields;
  /**
   * Loads the part of these messages, with at most one query.
   * @param viewerId who reads them: what people add whom they have blocked is left out. Null for all that there is.
   * @returns the fields of each.
   */
  load(room: Room, rows: readonly MessageRow[], viewerId: string | null): (row: MessageRow) => Fields;
  /** The columns of the message's row that a deletion clears, with their new values. */
  cleared: Partial<MessageRow>;
  /** Deletes other rows with deleted messages, however many: with one statement. */
  clear(room: Room, seqs: readonly number[]): void;
  /** Of a message that is withheld: the rows that {@link clear} deletes, as JSON. Without it there are none. */
  keep?(room: Room, seq: number): unknown;
  /** Writes them again. The row of the message is as it was by then. */
  bringBack?(room: Room, row: MessageRow, kept: unknown): void;
  /** The fields for a member who may not see the message. */
  redact(fields: Fields): Fields;
}
