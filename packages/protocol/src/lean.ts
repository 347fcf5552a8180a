/** Makes the short form of events, for sockets with `?lean=1`. Its other half is `lean-decoder.ts`. */
import type { ServerEvent } from "./events.ts";
import type { LeanDefault } from "./lean-defaults.ts";
import {
  type Envelope,
  envelopeOf,
  type Fields,
  isFields,
  type LeanShape,
  leanShapeOf,
  messageIdIn,
  seqIn,
} from "./lean-shapes.ts";
import type { UserSummary } from "./users.ts";

/** The short form of an event: one for all sockets. */
export interface LeanEvent {
  /** What to send, as JSON. */
  event: object;
  /** Whose profiles the client needs before it: see {@link KnownProfiles}. */
  people: readonly UserSummary[];
}

const NOBODY: readonly UserSummary[] = [];

/** The short form of an event: without what has the value that the schema names as default, and without what is known. */
export function leanEvent(event: ServerEvent): LeanEvent {
  const { data } = event as Fields;
  const shape = isFields(data) && leanShapeOf(event.type, data);
  if (!shape) return { event, people: NOBODY };
  const people: UserSummary[] = [];
  const short = shorten(shape, data, envelopeOf(event as Fields, data), people);
  return { event: { ...event, data: short }, people };
}

/** The event that goes ahead of one whose people the client does not know. */
export function profilesEvent(people: readonly UserSummary[]): object {
  return leanEvent({ type: "profiles", data: { profiles: [...people] } }).event;
}

/** @param people whose profile is left out is added. */
function shorten(shape: LeanShape, value: Fields, envelope: Envelope, people: UserSummary[]): Fields {
  const { defaults, follows, within } = shape;
  const sender = shape.hasSender && senderOf(shape, value, people);
  const seq = shape.hasStandIns && seqFor(value, envelope);
  const short: Fields = {};
  for (const field of Object.keys(value)) {
    const own = value[field];
    if (isDefault(own, defaults?.[field])) continue;
    if ((sender && field === "sender") || (seq && field === "message_id")) continue;
    const rule = follows?.[field];
    if (rule && rule(value, envelope) === own) continue;
    const inner = within?.[field];
    short[field] = inner ? shortenEach(inner, own, envelope, people) : own;
  }
  if (sender && shape.hasStandIns) short.sender_id = sender;
  if (seq) short.seq = seq;
  return short;
}

function shortenEach(shape: LeanShape, value: unknown, envelope: Envelope, people: UserSummary[]): unknown {
  if (Array.isArray(value)) return value.map((one) => shortenEach(shape, one, envelope, people));
  return isFields(value) ? shorten(shape, value, envelope, people) : value;
}

function isDefault(value: unknown, fallback: LeanDefault | undefined): boolean {
  return value === fallback || (Array.isArray(fallback) && Array.isArray(value) && value.length === 0);
}

/** The id that stands for the sender's profile; undefined if an event shows the same person in two ways. */
function senderOf(
  shape: LeanShape,
  { sender, sender_id }: Fields,
  people: UserSummary[],
): string | undefined {
  if (!isFields(sender) || typeof sender.user_id !== "string") return undefined;
  const { user_id } = sender;
  if (sender_id !== (shape.hasStandIns ? undefined : user_id)) return undefined;
  const person = sender as UserSummary;
  const other = people.find((one) => one.user_id === user_id);
  if (other && !isSameProfile(other, person)) return undefined;
  if (!other) people.push(person);
  return user_id;
}

/** The number that stands for the id of a message of the same conversation. */
function seqFor({ seq, message_id }: Fields, { conversation_id }: Envelope): number | undefined {
  const own = seqIn(message_id);
  return seq === undefined && messageIdIn(conversation_id, own) === message_id ? own : undefined;
}

/** The JSON of profiles. An object with a profile is not changed once it is made. */
const texts = new WeakMap<UserSummary, string>();

function textOf(profile: UserSummary): string {
  let text = texts.get(profile);
  if (text === undefined) {
    text = JSON.stringify(profile);
    texts.set(profile, text);
  }
  return text;
}

function isSameProfile(one: UserSummary, other: UserSummary): boolean {
  return one === other || textOf(one) === textOf(other);
}

/** After so many people their profiles are sent again. */
const MAX_KNOWN = 2_000;

/** The profiles that the client of one socket has been sent. It may be dropped at any time: they are sent again. */
export class KnownProfiles {
  readonly #known = new Map<string, UserSummary>();

  /**
   * The people of an event whose profile, as it is now, the client does not have. The caller sends them in
   * {@link profilesEvent}, right before the event: from now on the client has them. Ask for one event after another,
   * because a profile may change between two.
   */
  unknown(people: readonly UserSummary[]): readonly UserSummary[] {
    let unknown: UserSummary[] | undefined;
    for (const person of people) {
      const known = this.#known.get(person.user_id);
      if (known === person) continue;
      if (!known || !isSameProfile(known, person)) {
        unknown ??= [];
        unknown.push(person);
        if (this.#known.size >= MAX_KNOWN) this.#known.clear();
      }
      this.#known.set(person.user_id, person);
    }
    return unknown ?? NOBODY;
  }
}
