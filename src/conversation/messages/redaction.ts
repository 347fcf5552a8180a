/**
 * Redaction: members who may not see a message get its place and the fact of a change, but no content (rules 6 and 17).
 * Members may not see messages from before they joined, nor messages that they deleted for themselves.
 *
 * Invariant: the fan-out puts every event that carries content of a message through {@link redactEvent}, and every message
 * that is read goes through {@link redactQuotes}. No operation has to call them. An event type without a row does not
 * compile; what is left of each part of a message is said by the part.
 */
import { type Message, type ReplyTo, seqWithin } from "@rocket-chat-api/protocol";
import { redactParts, withoutOthers } from "../parts.ts";
import type { Emission, Room } from "../state/room.ts";
import type { MemberRow } from "../state/store.ts";
import { visibleFrom } from "../state/visibility.ts";
import { redactQuote } from "./reply.ts";

type RoomEvent = Emission["event"];
type EventOf<Type extends RoomEvent["type"]> = Extract<RoomEvent, { type: Type }>;

/** How one type of event is shown to members who may not see its message. */
interface Redaction<Event> {
  /** The id of the message whose content is in the event; null if there is none. */
  about(event: Event): string | null;
  /** The event without that content. It keeps its `seq`. */
  redact(event: Event): Event;
}

/** For events without content of messages. */
const SAYS_NOTHING = null;

const REDACTIONS = {
  "message.new": {
    about: ({ data }) => data.reply_to?.message_id ?? null,
    redact: (event) => ({ ...event, data: withoutQuote(event.data) }),
  },
  "message.edited": {
    about: ({ data }) => data.message_id,
    redact: (event) => ({ ...event, data: redactParts(event.data) }),
  },
  "message.reaction": {
    about: ({ data }) => data.message_id,
    redact: (event) => ({ ...event, data: { ...event.data, emoji: "" } }),
  },
  "message.updated": {
    about: ({ data }) => data.message_id,
    redact: (event) => ({ ...event, data: { ...event.data, patch: {} } }),
  },
  // The id stays: quotes of the message show that it is deleted.
  "message.deleted": SAYS_NOTHING,
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
  "typing.indicator": SAYS_NOTHING,
  "sync.required": SAYS_NOTHING,
} satisfies { [Type in RoomEvent["type"]]: Redaction<EventOf<Type>> | typeof SAYS_NOTHING };

/** The row of an event. TypeScript cannot infer that it matches the event's type. */
function redactionOf(event: RoomEvent): Redaction<RoomEvent> | null {
  return REDACTIONS[event.type] as Redaction<RoomEvent> | null;
}

/** The id of the message whose content is in an event; null for most, including plain messages. */
export function subjectOf(event: RoomEvent): string | null {
  return redactionOf(event)?.about(event) ?? null;
}

/**
 * Splits an event for members who may see its message and members who may not.
 * @param subject see {@link subjectOf}.
 */
export function redactEvent(room: Room, emission: Emission, subject: string): Emission[] {
  const { event, to } = emission;
  const unseeing = whoMayNotSee(room, seqWithin(room.id, subject), to);
  if (unseeing.size === 0) return [emission];
  const redacted = redactionOf(event)?.redact(event);
  const seeing = new Set(to);
  for (const userId of unseeing) seeing.delete(userId);
  return [{ event, to: seeing }, ...(redacted ? [{ event: redacted, to: unseeing }] : [])];
}

/** The members in `to` who may not see a message. All of them, if it is not in this conversation. */
function whoMayNotSee(room: Room, seq: number | undefined, to: ReadonlySet<string>): ReadonlySet<string> {
  if (seq === undefined) return to;
  const unseeing = new Set(room.hidden.hidersOfOne(seq).filter((userId) => to.has(userId)));
  if (seq >= room.newestJoin) return unseeing;
  for (const userId of to) {
    const member = room.roster.get(userId);
    if (!member || seq < visibleFrom(member)) unseeing.add(userId);
  }
  return unseeing;
}

/** Messages as one member reads them. Quotes of messages that the member may not see have no text. */
export function redactQuotes<M extends Message>(room: Room, viewer: MemberRow, messages: M[]): M[] {
  const quoted = messages.flatMap(({ reply_to }) => seqOfQuote(room, reply_to) ?? []);
  if (quoted.length === 0) return messages;
  const hidden = room.hidden.among(viewer.user_id, quoted);
  return messages.map((message) => {
    const seq = seqOfQuote(room, message.reply_to);
    const isSeen = seq === undefined || (seq >= visibleFrom(viewer) && !hidden.has(seq));
    return isSeen ? message : withoutQuote(message);
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

function seqOfQuote(room: Room, quote: ReplyTo | null): number | undefined {
  return quote ? seqWithin(room.id, quote.message_id) : undefined;
}

function withoutQuote<M extends Message>(message: M): M {
  return message.reply_to ? { ...message, reply_to: redactQuote(message.reply_to) } : message;
}
