/**
 * Removes metadata from GIF: comments, XMP, texts and unknown extensions. Keeps frames, timing, the animation loop and
 * the colour profile.
 */
import { drop, dropUntil, emit, type Program, pass, passUntil, type Scanner, take } from "./byte-filter.ts";
import { littleEndian, startsWith } from "./bytes.ts";
import { BrokenImage, type Findings } from "./image-findings.ts";

const FRAME = 0x2c;
const EXTENSION = 0x21;
const TRAILER = 0x3b;
const TIMING = 0xf9;
const APPLICATION = 0xff;
/** Application extensions that viewers need. */
const NEEDED = ["NETSCAPE2.0", "ANIMEXTS1.0", "ICCRGBG1012"];
const APPLICATION_BYTES = 11;
const SCREEN_BYTES = 13;
const FRAME_BYTES = 9;

/** Bytes of the colour table that the flags announce. */
const tableBytes = (flags = 0) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);

/** Sub-blocks of up to 255 bytes, each after its length, until an empty one. */
function blocks(): Scanner {
  let left = 0;
  return (chunk, from) => {
    for (let at = from + left; ; ) {
      if (at >= chunk.length) {
        left = at - chunk.length;
        return { at: chunk.length, done: false };
      }
      const length = chunk[at] ?? 0;
      at += 1 + length;
      if (length === 0) return { at, done: true };
    }
  };
}

/** Writes the clean picture. */
export function* gif(found: Findings): Program {
  const screen = yield take(SCREEN_BYTES);
  const isGif = screen && (startsWith(screen, "GIF87a") || startsWith(screen, "GIF89a"));
  if (!isGif) throw new BrokenImage("it does not start with a GIF header");
  found.size(littleEndian(screen, 6, 2), littleEndian(screen, 8, 2));
  yield emit(screen);
  yield pass(tableBytes(screen[10]));
  for (let frames = 0; ; ) {
    const kind = yield take(1);
    if (kind?.[0] === TRAILER) yield emit(kind);
    // Viewers ignore anything that is not a block.
    if (kind?.[0] !== FRAME && kind?.[0] !== EXTENSION) return;
    found.part();
    if (kind[0] === EXTENSION) yield* extension(found, kind);
    else {
      yield* frame(found, kind, frames === 0);
      frames += 1;
    }
  }
}

function* frame(found: Findings, kind: Uint8Array, isFirst: boolean): Program {
  const head = yield take(FRAME_BYTES);
  if (!head) return;
  const width = littleEndian(head, 0, 2) + littleEndian(head, 4, 2);
  const height = littleEndian(head, 2, 2) + littleEndian(head, 6, 2);
  // Viewers enlarge the screen if the first frame does not fit. Later frames are cropped.
  if (isFirst) found.size(Math.max(found.width, width), Math.max(found.height, height));
  found.area(Math.max(found.width, width), Math.max(found.height, height));
  yield emit(kind);
  yield emit(head);
  // Plus the code size before the blocks.
  yield pass(tableBytes(head[8]) + 1);
  yield passUntil(blocks());
}

function* extension(found: Findings, kind: Uint8Array): Program {
  const head = yield take(2);
  if (!head) return;
  const [label, length = 0] = head;
  const looked = label === APPLICATION && length === APPLICATION_BYTES ? yield take(length) : undefined;
  const isNeeded = looked && NEEDED.some((name) => startsWith(looked, name));
  if (label === TIMING || isNeeded) {
    yield emit(kind);
    yield emit(head);
    if (looked) yield emit(looked);
    yield pass(looked ? 0 : length);
    if (length > 0) yield passUntil(blocks());
    return;
  }
  found.changed = true;
  yield drop(looked ? 0 : length);
  if (length > 0) yield dropUntil(blocks());
}
