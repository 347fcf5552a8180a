/** The list of message parts, and the functions that follow from it. */
import type { Message } from "@rocket-chat-api/protocol";
import { attachmentsPart } from "./messages/attachments.ts";
import { mentionsPart } from "./messages/mentions.ts";
import { pinsPart } from "./messages/pins.ts";
import { reactionsPart } from "./messages/reactions.ts";
import { replyPart } from "./messages/reply.ts";
import { textPart } from "./messages/text.ts";
import type { MessagePart } from "./state/message-part.ts";
import type { Room } from "./state/room.ts";
import type { MessageRow } from "./state/store.ts";

/** All parts. A message has the fields of each; see the types of {@link PartFields}. */
const PARTS = [textPart, replyPart, mentionsPart, attachmentsPart, reactionsPart, pinsPart] as const;

type FieldsOf<Part> = Part extends MessagePart<infer Fields> ? Fields : never;
type Joined<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;
/** The fields of all parts. */
export type PartFields = Joined<FieldsOf<(typeof PARTS)[number]>>;

const ALL: readonly MessagePart[] = PARTS as readonly unknown[] as readonly MessagePart[];
const OF_SENDER = ALL.filter((part) => part.from === "sender");
const OF_OTHERS = ALL.filter((part) => part.from === "others");

/** The fields of a message without any parts. */
export const EMPTY = Object.assign({}, ...ALL.map((part) => part.empty)) as PartFields;

/** The columns of a deleted message. */
export const CLEARED: Partial<MessageRow> = Object.assign({}, ...ALL.map((part) => part.cleared));

/** Loads all parts of these messages as one member sees them, or as they are (null). @returns the fields of each. */
export function loadParts(
  room: Room,
  rows: readonly MessageRow[],
  viewerId: string | null,
): (row: MessageRow) => PartFields {
  return loadSome(ALL, room, rows, viewerId);
}

/** The fields of a new message. Others have added nothing to it yet. */
export function loadNew(room: Room, row: MessageRow): PartFields {
  return { ...EMPTY, ...loadSome(OF_SENDER, room, [row], null)(row) };
}

function loadSome(
  parts: readonly MessagePart[],
  room: Room,
  rows: readonly MessageRow[],
  viewerId: string | null,
) {
  const loaded = parts.map((part) => part.load(room, rows, viewerId));
  return (row: MessageRow) => Object.assign({}, ...loaded.map((fieldsOf) => fieldsOf(row))) as PartFields;
}

/** Deletes the rows of all parts of a message. */
export function clearParts(room: Room, seq: number): void {
  clearPartsOf(room, [seq]);
}

/** Deletes the rows of all parts of messages. */
export function clearPartsOf(room: Room, seqs: readonly number[]): void {
  for (const part of ALL) part.clear(room, seqs);
}

/** The field that names a part in what is kept of it. */
function nameOf(part: MessagePart): string {
  return Object.keys(part.empty)[0] ?? "";
}

/** What brings the parts of a withheld message back, before they are cleared. */
export function keepParts(room: Room, seq: number): Record<string, unknown> {
  return Object.fromEntries(ALL.flatMap((part) => (part.keep ? [[nameOf(part), part.keep(room, seq)]] : [])));
}

/** Writes the parts of a message again. Its row is as it was. A part that was not kept has nothing to bring back. */
export function bringPartsBack(room: Room, row: MessageRow, kept: Record<string, unknown>): void {
  for (const part of ALL) part.bringBack?.(room, row, kept[nameOf(part)]);
}

/** The fields of an event about a message, with those of each part as they are for members who may not see the message. */
export function redactParts<Fields extends object>(fields: Fields): Fields {
  const held = ALL.filter((part) => Object.keys(part.empty).every((name) => name in fields));
  return Object.assign({ ...fields }, ...held.map((part) => part.redact(fields as Partial<Message>)));
}

/** A message as it was sent, for a sender who may no longer see what others added. */
export function withoutOthers<M extends Message>(message: M): M {
  return Object.assign({ ...message }, ...OF_OTHERS.map((part) => part.redact(message)));
}
