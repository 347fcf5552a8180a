/** Parses boxes of ISO base media files (AVIF, MP4): a size, a type and a body. */
import { name4, uint32 } from "./bytes.ts";
import { BrokenImage, type Findings } from "./image-findings.ts";

/** A box in memory. */
export interface Box {
  type: string;
  /** The body. */
  body: Uint8Array;
  /** The offset of the body in the file. */
  at: number;
}

/**
 * Reads the size of a box. The value 1 means that a 64-bit size follows. Undefined means: up to the end of the parent.
 */
export function boxSize(head: Uint8Array, at = 0): number | undefined {
  const size = uint32(head, at);
  if (size === 0) return undefined;
  return size === 1 ? uint32(head, at + 8) * 2 ** 32 + uint32(head, at + 12) : size;
}

/** Bytes of the header. */
export const headBytes = (head: Uint8Array, at = 0) => (uint32(head, at) === 1 ? 16 : 8);

/** The child boxes of a box. @param skip bytes before the first child. */
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
