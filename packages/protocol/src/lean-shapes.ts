/** Which fields the short form of an event leaves out (`?lean=1`), type by type. The server and clients read the same table. */
import { seqOf } from "./ids.ts";
import { LEAN_DEFAULTS as DEFAULTS, type LeanDefaults } from "./lean-defaults.ts";

export type Fields = Record<string, unknown>;

/** What stands beside the `data` of an event. */
export interface Envelope {
  conversation_id?: unknown;
  seq?: unknown;
}

/** What a field holds by what is known already; undefined if that says nothing about it. */
type Rule = (value: Fields, envelope: Envelope) => unknown;

export interface LeanShape {
  /** Left out where a field holds this. */
  defaults?: LeanDefaults;
  /** Left out where a field holds what follows from the envelope. In the order in which they are put back. */
  follows?: Readonly<Record<string, Rule>>;
  /** Whether it shows a person as `sender`, who is left out. */
  hasSender?: true;
  /** Whether shorter fields stand in, which the schema does not have: `seq` for `message_id`, `sender_id` for `sender`. */
  hasStandIns?: true;
  /** Fields that hold shapes in turn, one or a list. */
  within?: Readonly<Record<string, LeanShape>>;
}

/** The id of a message of this conversation. Unlike `messageId` it takes what comes: a client reads it from frames. */
export function messageIdIn(conversationId: unknown, seq: unknown): string | undefined {
  if (typeof conversationId !== "string" || !Number.isSafeInteger(seq)) return undefined;
  return conversationId.slice(0, 24) + (seq as number).toString(16).padStart(12, "0");
}

/** The number in a message's id. */
export function seqIn(message_id: unknown): number | undefined {
  return typeof message_id === "string" ? seqOf(message_id) : undefined;
}

const conversation_id: Rule = (_, envelope) => envelope.conversation_id;
const seq: Rule = (_, envelope) => envelope.seq;
/** The number of a live event is that of the change. */
const changed_seq: Rule = (value, envelope) => envelope.seq ?? value.seq;
const message_id: Rule = (value, envelope) =>
  messageIdIn(value.conversation_id ?? envelope.conversation_id, value.seq ?? envelope.seq);

const USER: LeanShape = { defaults: DEFAULTS.user };
const MEMBER: LeanShape = { defaults: { ...DEFAULTS.user, ...DEFAULTS.standing, ...DEFAULTS.member } };
const QUOTE: LeanShape = { defaults: DEFAULTS.quote, hasSender: true, hasStandIns: true };
const MESSAGE: LeanShape = {
  defaults: DEFAULTS.message,
  follows: { conversation_id, seq, changed_seq, message_id },
  hasSender: true,
  within: { reply_to: QUOTE },
};
const FETCHED: LeanShape = { ...MESSAGE, defaults: { ...DEFAULTS.message, ...DEFAULTS.fetched } };
const CONVERSATION: LeanShape = { defaults: DEFAULTS.conversation, follows: { conversation_id } };

/** An event about a message that was there before. */
function about(defaults: LeanDefaults, follows: LeanShape["follows"] = {}): LeanShape {
  return { defaults, follows, hasStandIns: true };
}

/**
 * The `data` of each event that has a short form. Once released, none leaves out more: older clients would not put it
 * back. A new type keeps its `message_id`: clients that do not know the type look for it (rule 31).
 */
const EVENTS: Readonly<Record<string, LeanShape>> = {
  "message.new": MESSAGE,
  "message.edited": about(DEFAULTS.edited),
  "message.deleted": about(DEFAULTS.deleted),
  "message.reaction": about(DEFAULTS.reaction),
  // Not its patch: there a field that is missing has not changed.
  "message.updated": about({}, { changed_seq }),
  "message.receipt": about(DEFAULTS.receipt),
  "typing.indicator": { defaults: DEFAULTS.typing },
  "conversation.created": {
    defaults: { ...DEFAULTS.conversation, ...DEFAULTS.whole },
    follows: { conversation_id, seq },
    within: { participants: MEMBER },
  },
  "conversation.updated": { defaults: DEFAULTS.conversation },
  "participant.added": { within: { participants: MEMBER } },
  "participant.updated": { within: { participants: MEMBER } },
  "preferences.updated": { defaults: DEFAULTS.preferences, follows: { conversation_id } },
  "former_member.updated": USER,
  "user.updated": USER,
  "user.presence": { defaults: DEFAULTS.presence },
  "conversation.sync": {
    defaults: DEFAULTS.changes,
    follows: { conversation_id },
    within: { conversation: CONVERSATION, messages: FETCHED, members: MEMBER, former_members: USER },
  },
  profiles: { within: { profiles: USER } },
  // Without an envelope: `message_id` stays, and says what an envelope would.
  ack: { ...MESSAGE, follows: { conversation_id, seq, changed_seq } },
};

/** The shape of an event's `data`; undefined if it has no short form, or is of a type that is not known here. */
export function leanShapeOf(type: unknown, data: Fields): LeanShape | undefined {
  if (typeof type !== "string" || !Object.hasOwn(EVENTS, type)) return undefined;
  // Of all answers only messages have these two.
  if (type === "ack" && !("sender_id" in data && "message_id" in data)) return undefined;
  return EVENTS[type];
}

/** What is known beside the `data` of an event. */
export function envelopeOf(event: Fields & Envelope, data: Fields): Envelope {
  if (event.type !== "ack") return event;
  const of = seqIn(data.message_id);
  return { seq: of, conversation_id: of === undefined ? of : messageIdIn(data.message_id, 0) };
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
