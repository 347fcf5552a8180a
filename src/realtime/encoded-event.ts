/**
 * An event on its way to many sockets. It has two forms, full and short (`?lean=1`), and each is encoded when the first
 * socket asks for it, once. An object that gets only one of them from another object makes the other from it.
 */
import {
  encodeEvent,
  type KnownProfiles,
  LeanDecoder,
  leanEvent,
  profilesEvent,
  type ServerEvent,
  type UserSummary,
} from "@rocket-chat-api/protocol";
import type { DeliveredFrames } from "../domain/delivered-frames.ts";

/** The short form. */
interface Lean {
  text: string;
  /** Whose profiles the client needs before it. */
  people: readonly UserSummary[];
}

/** What a new message begins with, in both forms. */
const MESSAGE_START = '{"type":"message.new"';

export class EncodedEvent {
  #event: ServerEvent | undefined;
  #full: string | undefined;
  #lean: Lean | undefined;

  private constructor(event?: ServerEvent, full?: string, lean?: Lean) {
    this.#event = event;
    this.#full = full;
    this.#lean = lean;
  }

  /** Do not change the event afterwards. */
  static of(event: ServerEvent): EncodedEvent {
    return new EncodedEvent(event);
  }

  /** An event that comes in its full form. */
  static fromFull(text: string): EncodedEvent {
    return new EncodedEvent(undefined, text);
  }

  /** An event that comes in its short form. */
  static fromLean(text: string, people: readonly UserSummary[]): EncodedEvent {
    return new EncodedEvent(undefined, undefined, { text, people });
  }

  /** Whether it is a new message. */
  get isMessage(): boolean {
    if (this.#event) return this.#event.type === "message.new";
    // Both forms begin with the type.
    return (this.#full ?? this.#lean?.text ?? "").startsWith(MESSAGE_START);
  }

  get full(): string {
    this.#full ??= encodeEvent(this.#asEvent());
    return this.#full;
  }

  get lean(): Lean {
    if (this.#lean) return this.#lean;
    const { event, people } = leanEvent(this.#asEvent());
    this.#lean = { text: JSON.stringify(event), people };
    return this.#lean;
  }

  #asEvent(): ServerEvent {
    this.#event ??= this.#full === undefined ? restored(this.#lean) : (JSON.parse(this.#full) as ServerEvent);
    return this.#event;
  }
}

function restored(lean: Lean | undefined): ServerEvent {
  const decoder = new LeanDecoder();
  decoder.decode(profilesEvent(lean?.people ?? []));
  return decoder.decode(JSON.parse(lean?.text ?? "")) as ServerEvent;
}

/** Events as the texts for one client with `?lean=1`: the profiles that it does not know go ahead. */
export function leanTexts(events: readonly EncodedEvent[], known: KnownProfiles): string[] {
  return withUnknownProfiles(events, known) ?? events.map((event) => event.lean.text);
}

/** The same; undefined if the client knows everybody, as it mostly does. */
export function withUnknownProfiles(
  events: readonly EncodedEvent[],
  known: KnownProfiles,
): string[] | undefined {
  let texts: string[] | undefined;
  events.forEach(({ lean: { text, people } }, i) => {
    const unknown = known.unknown(people);
    if (unknown.length > 0) {
      texts ??= events.slice(0, i).map((event) => event.lean.text);
      texts.push(JSON.stringify(profilesEvent(unknown)));
    }
    texts?.push(text);
  });
  return texts;
}

/** Events as another object gets them. */
type EventTexts = Pick<DeliveredFrames, "frames" | "people">;

/** Puts events in the form that the sockets of the other object take. */
export function toTexts(events: readonly EncodedEvent[], isLean: boolean): EventTexts {
  if (!isLean) return { frames: events.map((event) => event.full) };
  return {
    frames: events.map((event) => event.lean.text),
    people: events.map((event) => event.lean.people),
  };
}

export function fromTexts({ frames, people }: EventTexts): EncodedEvent[] {
  return frames.map((text, i) => {
    return people ? EncodedEvent.fromLean(text, people[i] ?? []) : EncodedEvent.fromFull(text);
  });
}
