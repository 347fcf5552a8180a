/** Frames for many sockets: what is the same for all that take them in the same way is made only once. */
import { joinFrames, type KnownProfiles } from "@rocket-chat-api/protocol";
import { type EncodedEvent, leanTexts, withUnknownProfiles } from "./encoded-event.ts";

/** Up to this many characters, joining the batch again for one socket costs less than sending it one more frame. */
const MAX_JOINED_AGAIN = 8_192;

/** Characters of all frames. */
export function sizeOf(frames: readonly string[]): number {
  return frames.reduce((size, frame) => size + frame.length, 0);
}

/** How a socket takes events. */
export interface Taking {
  /** Many in one frame (`?batch=1`). */
  batch: boolean;
  /** The profiles that its client knows, if it takes the short form (`?lean=1`). */
  known: KnownProfiles | undefined;
}

/** Frames, and their characters. */
export interface Frames {
  texts: readonly string[];
  size: number;
}

const EMPTY: Frames = { texts: [], size: 0 };

export class FrameBatch {
  readonly #events: readonly EncodedEvent[];
  /** One event in a frame, and all in one frame: full, and short for clients who know everybody. */
  #full: Frames | undefined;
  #fullJoined: Frames | undefined;
  #lean: Frames | undefined;
  #leanJoined: Frames | undefined;

  constructor(events: readonly EncodedEvent[]) {
    this.#events = events;
  }

  /** The frames for one socket. @param own more events for this client alone, after the others. */
  for({ batch, known }: Taking, own: readonly EncodedEvent[]): Frames {
    const withProfiles = known && withUnknownProfiles(this.#events, known);
    if (own.length === 0 && !withProfiles) return this.#shared(batch, known !== undefined);
    const ownTexts = known ? leanTexts(own, known) : own.map((event) => event.full);
    if (batch && !withProfiles && this.#events.length > 0) {
      const shared = this.#shared(true, known !== undefined);
      if (shared.size > MAX_JOINED_AGAIN) return framesOf([...shared.texts, joinFrames(ownTexts)]);
    }
    const texts = [...(withProfiles ?? this.#shared(false, known !== undefined).texts), ...ownTexts];
    return framesOf(batch ? [joinFrames(texts)] : texts);
  }

  #shared(isJoined: boolean, isLean: boolean): Frames {
    if (this.#events.length === 0) return EMPTY;
    if (isLean) {
      this.#lean ??= framesOf(this.#events.map((event) => event.lean.text));
      if (isJoined) this.#leanJoined ??= framesOf([joinFrames(this.#lean.texts)]);
      return (isJoined && this.#leanJoined) || this.#lean;
    }
    this.#full ??= framesOf(this.#events.map((event) => event.full));
    if (isJoined) this.#fullJoined ??= framesOf([joinFrames(this.#full.texts)]);
    return (isJoined && this.#fullJoined) || this.#full;
  }
}

function framesOf(texts: readonly string[]): Frames {
  return { texts, size: sizeOf(texts) };
}
