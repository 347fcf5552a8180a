/** Frames for many sockets. For clients that take many events in one frame, they are joined only once. */
import { joinFrames } from "@rocket-chat-api/protocol";

/** Up to this many characters, joining the batch again for one socket costs less than sending it one more frame. */
const MAX_JOINED_AGAIN = 8_192;

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

  /** What to send to a client that takes many events in one frame. @param own more frames for this client alone. */
  joinedWith(own: readonly string[]): string[] {
    if (own.length === 0 && this.frames.length === 0) return [];
    if (own.length > 0 && this.size <= MAX_JOINED_AGAIN) return [joinFrames([...this.frames, ...own])];
    this.#joined ??= joinFrames(this.frames);
    return own.length > 0 ? [this.#joined, joinFrames(own)] : [this.#joined];
  }
}
