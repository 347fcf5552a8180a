/**
 * Redaction: members who may not see a message get its place and the fact of a change, but no content (rules 6, 17 and
 * 29). Which messages that are, visibility.ts decides. Of what a person does whom they have blocked they get the number
 * alone.
 *
 * Invariant: the fan-out puts every event through {@link redactEvent}, and every message that is read goes through
 * {@link redactQuotes}. No operation has to call them. An event type without a row does not compile; what is left of each
 * part of a message is said by the part.
 */
import { type Message, type ReplyTo, seqWithin } from "@rocket-chat-api/protocol";
import { redactParts, withoutOthers } from "../parts.ts";
import type { Emission, Room } from "../state/room.ts";
import type { MemberRow } from "../state/store.ts";
import { visibleAmong, visibleFrom, whoMayNotSee } from "../state/visibility.ts";
import { redactQuote } from "./reply.ts";

type RoomEvent = Emission["event"];
type EventOf<Type extends RoomEvent["type"]> = Extract<RoomEvent, { type: Type }>;

/** How one type of event is shown to members who may not see its message. */
interface Redaction<Event> {
  /** The id of the message whose content is in the event; null if there is none. */
  about(event: Event): string | null;
  /** The event without that content. It keeps its `seq`. */
  redact(event: Event): Event;
  /**
   * What a person has said or done with the event; null if it is the conversation that speaks. Without this, nobody's
   * block hides it: what it tells of a message, {@link about} hides.
   */
  deed?(event: Event): Deed | null;
}

/** Something that a person has done, which is hidden from those who have blocked them. */
interface Deed {
  by: string;
  /** The message that it made or changed. */
  message_id: string;
}

/** For events without content of messages. */
const SAYS_NOTHING = null;

const REDACTIONS = {
  "message.new": {
    about: ({ data }) => data.reply_to?.message_id ?? null,
    redact: (event) => ({ ...event, data: withoutQuote(event.data) }),
    deed: ({ data: { type, sender_id, message_id } }) =>
      type === "system" ? null : { by: sender_id, message_id },
  },
  "message.edited": {
    about: ({ data }) => data.message_id,
    redact: (event) => ({ ...event, data: redactParts(event.data) }),
  },
  "message.reaction": {
    about: ({ data }) => data.message_id,
    redact: (event) => ({ ...event, data: { ...event.data, emoji: "" } }),
    deed: ({ data: { user_id, message_id } }) => ({ by: user_id, message_id }),
  },
  "message.updated": {
    about: ({ data }) => data.message_id,
    redact: (event) => ({ ...event, data: { ...event.data, patch: withoutContent(event.data.patch) } }),
  },
  // The id stays: quotes of the message show that it is deleted.
  "message.deleted": SAYS_NOTHING,
  "messages.deleted": SAYS_NOTHING,
  "person.erased": SAYS_NOTHING,
  "conversation.created": SAYS_NOTHING,
  "conversation.updated": SAYS_NOTHING,
  "participant.added": SAYS_NOTHING,
  "participant.removed": SAYS_NOTHING,
  "participant.updated": SAYS_NOTHING,
  "message.receipt": SAYS_NOTHING,
  "preferences.updated": SAYS_NOTHING,
  "conversation.hidden": SAYS_NOTHING,
  "request.updated": SAYS_NOTHING,
  "former_member.updated": SAYS_NOTHING,
  // Its recipients leave out those who are apart from the typing member (typing.ts).
  "typing.indicator": SAYS_NOTHING,
  "sync.required": SAYS_NOTHING,
} satisfies { [Type in RoomEvent["type"]]: Redaction<EventOf<Type>> | typeof SAYS_NOTHING };

/** What is left of a patch: quotes of the message show whether it is deleted, to those who may not see it too. */
function withoutContent({ is_deleted }: EventOf<"message.updated">["data"]["patch"]) {
  return is_deleted === undefined ? {} : { is_deleted };
}

/** The row of an event. TypeScript cannot infer that it matches the event's type. */
function redactionOf(event: RoomEvent): Redaction<RoomEvent> | null {
  return REDACTIONS[event.type] as Redaction<RoomEvent> | null;
}

/** An event as it goes out: in another form to a few. */
export interface RedactedEmission extends Emission {
  /** What goes to those who have blocked the person whose deed the event is. Some of them may not be in `to`. */
  instead?: Emission;
}

/** Makes an event what each of its recipients may see of it: mostly the event itself. */
export function redactEvent(room: Room, emission: Emission): RedactedEmission[] {
  const { event, to } = emission;
  const redaction = redactionOf(event);
  if (!redaction) return [emission];
  const instead = room.blocks.hidesNothing ? undefined : insteadOf(room, event, redaction);
  const subject = redaction.about(event);
  const unseeing = subject === null ? NOBODY : whoMayNotSee(room, seqWithin(room.id, subject), to);
  if (unseeing.size === 0) {
    if (event.type === "message.updated") return redactQuoteOf(room, event, to);
    return [instead ? { ...emission, instead } : emission];
  }
  const seeing = new Set(to);
  for (const userId of unseeing) seeing.delete(userId);
  const seen =
    event.type === "message.updated" ? redactQuoteOf(room, event, seeing) : [{ event, to: seeing }];
  const parts = [...seen, { event: redaction.redact(event), to: unseeing }];
  return instead ? parts.map((part) => ({ ...part, instead })) : parts;
}

const NOBODY: ReadonlySet<string> = new Set();

/** A message that comes back may quote another, which not all of those may see who see the message. */
function redactQuoteOf(
  room: Room,
  event: EventOf<"message.updated">,
  to: ReadonlySet<string>,
): RedactedEmission[] {
  const quote = event.data.patch.reply_to;
  const unseeing = quote ? whoMayNotSee(room, seqWithin(room.id, quote.message_id), to) : NOBODY;
  if (!quote || unseeing.size === 0) return [{ event, to }];
  const patch = { ...event.data.patch, reply_to: redactQuote(quote) };
  const seeing = new Set([...to].filter((userId) => !unseeing.has(userId)));
  return [
    { event, to: seeing },
    { event: { ...event, data: { ...event.data, patch } }, to: unseeing },
  ];
}

/** What those get who have blocked the person of a deed: its number, and that nothing of the message has changed. */
function insteadOf(room: Room, event: RoomEvent, { deed }: Redaction<RoomEvent>): Emission | undefined {
  const done = deed?.(event);
  const to = done ? room.blocks.unseeing(done.by) : NOBODY;
  if (!done || to.size === 0 || !("seq" in event) || event.seq === undefined) return undefined;
  const { seq, conversation_id } = event;
  const data = { message_id: done.message_id, changed_seq: seq, patch: {} };
  return { event: { type: "message.updated", conversation_id, seq, data }, to };
}

/** Messages as one member reads them. Quotes of messages that the member may not see have no text. */
export function redactQuotes<M extends Message>(room: Room, viewer: MemberRow, messages: M[]): M[] {
  const quoted = messages.flatMap(({ reply_to }) => toQuoted(room, reply_to) ?? []);
  if (quoted.length === 0) return messages;
  const seen = new Set(visibleAmong(room, viewer, quoted).map(({ seq }) => seq));
  return messages.map((message) => {
    const seq = toQuoted(room, message.reply_to)?.seq;
    return seq === undefined || seen.has(seq) ? message : withoutQuote(message);
  });
}

/**
 * A message as the answer to a retry (rule 12): as its sender reads it. A sender who may no longer read it (they left,
 * or hid it) gets what they sent, without later changes.
 */
export function redactOwn(room: Room, sender: MemberRow, message: Message): Message {
  const [read = message] = redactQuotes(room, sender, [message]);
  const { seq } = message;
  const mayRead = seq >= visibleFrom(sender) && !room.hidden.has(sender.user_id, seq);
  return mayRead ? read : { ...withoutOthers(withoutQuote(read)), changed_seq: seq };
}

/** A quoted message, as far as it decides who may see it. */
function toQuoted(room: Room, quote: ReplyTo | null) {
  const seq = quote ? seqWithin(room.id, quote.message_id) : undefined;
  return quote && seq !== undefined ? { seq, sender_id: quote.sender.user_id, type: quote.type } : undefined;
}

function withoutQuote<M extends Message>(message: M): M {
  return message.reply_to ? { ...message, reply_to: redactQuote(message.reply_to) } : message;
}
