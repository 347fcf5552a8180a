/**
 * What a member is shown of a message that they may not see: that it is there and that it changed, and nothing of what
 * it says (rules 6 and 17). A member may not see what was said before they joined, and what they deleted for themselves.
 *
 * Invariant: every event passes {@link redactEvent} on its way to the fan-out, and every message that is read passes
 * {@link redactQuotes}. No operation has to remember it, and an event type without a row does not compile.
 */
import { type Message, type ReplyTo, seqWithin } from "@rocket-chat-api/protocol";
import { EMPTY, withoutOthers } from "../parts.ts";
import type { Emission, Room } from "../state/room.ts";
import type { MemberRow } from "../state/store.ts";
import { redactQuote } from "./reply.ts";

type RoomEvent = Emission["event"];
type EventOf<Type extends RoomEvent["type"]> = Extract<RoomEvent, { type: Type }>;

/** How one type of event is shown to those who may not see the message that it speaks of. */
interface Redaction<Event> {
  /** The id of the message whose content the event carries; null if it carries none. */
  about(event: Event): string | null;
  /** The same event, for its number, without that content. */
  redact(event: Event): Event;
}

/** For events that say nothing of what any message says. */
const SAYS_NOTHING = null;

const REDACTIONS = {
  "message.new": {
    about: ({ data }) => data.reply_to?.message_id ?? null,
    redact: (event) => ({ ...event, data: withoutQuote(event.data) }),
  },
  "message.edited": {
    about: ({ data }) => data.message_id,
    redact: ({ data: { message_id, is_edited, edited_at }, ...event }) => {
      const { content, metadata, mentions, mentions_all } = EMPTY;
      return {
        ...event,
        data: { message_id, is_edited, edited_at, content, metadata, mentions, mentions_all },
      };
    },
  },
  "message.reaction": {
    about: ({ data }) => data.message_id,
    redact: (event) => ({ ...event, data: { ...event.data, emoji: "" } }),
  },
  "message.updated": {
    about: ({ data }) => data.message_id,
    redact: (event) => ({ ...event, data: { ...event.data, patch: {} } }),
  },
  // Which message it was; quotes of it show that it is gone.
  "message.deleted": SAYS_NOTHING,
  "conversation.created": SAYS_NOTHING,
  "conversation.updated": SAYS_NOTHING,
  "participant.added": SAYS_NOTHING,
  "participant.removed": SAYS_NOTHING,
  "participant.updated": SAYS_NOTHING,
  "message.receipt": SAYS_NOTHING,
  "preferences.updated": SAYS_NOTHING,
  "conversation.hidden": SAYS_NOTHING,
  "former_member.updated": SAYS_NOTHING,
  "typing.indicator": SAYS_NOTHING,
  "sync.required": SAYS_NOTHING,
} satisfies { [Type in RoomEvent["type"]]: Redaction<EventOf<Type>> | typeof SAYS_NOTHING };

/** The row of an event. The type of the table cannot say that the row found by an event's type is for that event. */
function redactionOf(event: RoomEvent): Redaction<RoomEvent> | null {
  return REDACTIONS[event.type] as Redaction<RoomEvent> | null;
}

/** The id of the message whose content an event carries; null for most, plain messages among them. */
export function subjectOf(event: RoomEvent): string | null {
  return redactionOf(event)?.about(event) ?? null;
}

/**
 * Splits an event between those who may see the message that it speaks of and those who may not.
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

/** Those among `to` who may not see a message; everybody, if it is none of this conversation. */
function whoMayNotSee(room: Room, seq: number | undefined, to: ReadonlySet<string>): ReadonlySet<string> {
  if (seq === undefined) return to;
  const unseeing = new Set(room.hidden.hidersOfOne(seq).filter((userId) => to.has(userId)));
  if (seq >= room.newestJoin) return unseeing;
  for (const userId of to) {
    if (seq < (room.roster.get(userId)?.joined_seq ?? Number.POSITIVE_INFINITY)) unseeing.add(userId);
  }
  return unseeing;
}

/** Messages as one member reads them: what they quote that the member may not see has no text. */
export function redactQuotes<M extends Message>(room: Room, viewer: MemberRow, messages: M[]): M[] {
  const quoted = messages.flatMap(({ reply_to }) => seqOfQuote(room, reply_to) ?? []);
  if (quoted.length === 0) return messages;
  const hidden = room.hidden.among(viewer.user_id, quoted);
  return messages.map((message) => {
    const seq = seqOfQuote(room, message.reply_to);
    const isSeen = seq === undefined || (seq >= viewer.joined_seq && !hidden.has(seq));
    return isSeen ? message : withoutQuote(message);
  });
}

/**
 * A message as the answer to its sender who sends it again (rule 12): as they read it. Where they may not read it, because
 * they have left since or hidden it, it is what they sent, and nothing of what became of it.
 */
export function redactOwn(room: Room, sender: MemberRow, message: Message): Message {
  const [read = message] = redactQuotes(room, sender, [message]);
  const { seq } = message;
  const mayRead = seq >= sender.joined_seq && !room.hidden.has(sender.user_id, seq);
  return mayRead ? read : { ...withoutOthers(withoutQuote(read)), changed_seq: seq };
}

function seqOfQuote(room: Room, quote: ReplyTo | null): number | undefined {
  return quote ? seqWithin(room.id, quote.message_id) : undefined;
}

function withoutQuote<M extends Message>(message: M): M {
  return message.reply_to ? { ...message, reply_to: redactQuote(message.reply_to) } : message;
}
