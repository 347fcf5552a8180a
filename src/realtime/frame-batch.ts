/** Frames that go to many sockets: joined once for all clients that take many events in one frame. */
import { joinFrames } from "@rocket-chat-api/protocol";

/** Characters up to which a socket's own frames are joined anew with those of everybody; a frame more costs less then. */
const MAX_JOINED_ANEW = 8_192;

/** Characters of all frames. */
export function sizeOf(frames: readonly string[]): number {
  return frames.reduce((size, frame) => size + frame.length, 0);
}

export class FrameBatch {
  readonly frames: readonly string[];
  /** Characters. */
  readonly size: number;
  #joined: string | undefined;

  constructor(frames: readonly string[]) {
    this.frames = frames;
    this.size = sizeOf(frames);
  }

  /** What to send to a client that takes many events in one frame. @param own frames for it alone, after the others. */
  joinedWith(own: readonly string[]): string[] {
    if (own.length === 0 && this.frames.length === 0) return [];
    if (own.length > 0 && this.size <= MAX_JOINED_ANEW) return [joinFrames([...this.frames, ...own])];
    this.#joined ??= joinFrames(this.frames);
    return own.length > 0 ? [this.#joined, joinFrames(own)] : [this.#joined];
  }
}
