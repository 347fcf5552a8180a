/** Boxes of ISO base media files (AVIF, MP4): a length, a name, and what is inside. */
import { name4, uint32 } from "./bytes.ts";
import { BrokenImage, type Findings } from "./image-findings.ts";

/** A box whose bytes are at hand. */
export interface Box {
  type: string;
  /** What is inside of it. */
  body: Uint8Array;
  /** Where that begins in the file. */
  at: number;
}

/** Reads a length: of 8 bytes where the usual 4 say 1. Undefined: up to the end of what is around it. */
export function boxSize(head: Uint8Array, at = 0): number | undefined {
  const size = uint32(head, at);
  if (size === 0) return undefined;
  return size === 1 ? uint32(head, at + 8) * 2 ** 32 + uint32(head, at + 12) : size;
}

/** Bytes before the body. */
export const headBytes = (head: Uint8Array, at = 0) => (uint32(head, at) === 1 ? 16 : 8);

/** The boxes inside of a box, one after the other. @param skip bytes before the first. */
export function* boxesIn(box: Box, found: Findings, skip = 0): Generator<Box, void> {
  const { body } = box;
  for (let at = skip; at + 8 <= body.length; ) {
    found.part();
    const size = boxSize(body, at) ?? body.length - at;
    const start = at + headBytes(body, at);
    const end = at + size;
    if (end < start || end > body.length) throw new BrokenImage("a box is cut off");
    yield { type: name4(body, at + 4), body: body.subarray(start, end), at: box.at + start };
    at = end;
  }
}
