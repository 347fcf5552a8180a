/**
 * Removes metadata from AVIF: EXIF, XMP, user data and unknown boxes. Contents are addressed by file offset, so nothing
 * can be cut out: metadata is replaced by zeros. The rotation (irot) is not metadata and is kept.
 */
import { readMeta, readMovie } from "./avif-items.ts";
import { boxSize, headBytes } from "./boxes.ts";
import { blank, emit, type Program, pass, take } from "./byte-filter.ts";
import { name4, uint32 } from "./bytes.ts";
import { BrokenImage, type Findings, type Range } from "./image-findings.ts";

/** Maximum bytes of a header box. A picture usually has some hundred. */
const MAX_HEADER_BYTES = 1024 * 1024;
/** Bytes of the brand list that are read. */
const MAX_BRANDS_BYTES = 1024;

/** Writes the clean picture. @param known the ranges to blank, and the size; undefined at the first reading. */
export function* avif(found: Findings, known?: { blanks: readonly Range[]; size: number }): Program {
  if (known) return yield* blanked(known.blanks, known.size);
  for (let at = 0; ; ) {
    const start = yield take(8);
    if (!start) break;
    found.part();
    const head = uint32(start) === 1 ? yield* lengthened(start) : start;
    const size = boxSize(head) ?? Number.MAX_SAFE_INTEGER - at;
    const type = name4(head, 4);
    if ((at === 0) !== (type === "ftyp")) throw new BrokenImage("it does not start with an AVIF header");
    if (size < headBytes(head)) throw new BrokenImage("a box is cut off");
    yield emit(head);
    yield* box(found, type, at + head.length, size - head.length);
    at += size;
  }
  if (found.blanks.length > 0) found.changed = true;
}

/** Reads the 64-bit size of a box. */
function* lengthened(
  start: Uint8Array,
): Generator<ReturnType<typeof take>, Uint8Array, Uint8Array | undefined> {
  const more = yield take(8);
  if (!more) throw new BrokenImage("a box is cut off");
  return Uint8Array.of(...start, ...more);
}

function* box(found: Findings, type: string, at: number, size: number): Program {
  if (type === "ftyp") return yield* brands(size);
  if (type !== "meta" && type !== "moov") {
    if (type !== "mdat" && size > 0) found.blanks.push({ from: at, to: at + size });
    yield pass(size);
    return;
  }
  if (size > MAX_HEADER_BYTES) throw new BrokenImage("its header is too long");
  const body = yield take(size);
  if (!body) throw new BrokenImage("a box is cut off");
  if (type === "meta") readMeta({ type, body, at }, found);
  else readMovie({ type, body, at }, found);
  yield emit(body);
}

function hasBrand(brands: Uint8Array): boolean {
  for (let at = 0; at < brands.length; at += 4) if (/^avi[fs]$/.test(name4(brands, at))) return true;
  return false;
}

/** Checks the brands: one of them must be AVIF. */
function* brands(size: number): Program {
  const looked = yield take(Math.min(size, MAX_BRANDS_BYTES));
  if (!looked || !hasBrand(looked)) throw new BrokenImage("it does not start with an AVIF header");
  yield emit(looked);
  yield pass(size - looked.length);
}

/** Passes a number of bytes, with zeros in some ranges. */
function* blanked(ranges: readonly Range[], size: number): Program {
  let at = 0;
  for (const range of ranges.toSorted((one, other) => one.from - other.from)) {
    const [from, to] = [Math.min(range.from, size), Math.min(range.to, size)];
    if (from > at) yield pass(from - at);
    at = Math.max(at, from);
    if (to > at) yield blank(to - at);
    at = Math.max(at, to);
  }
  if (size > at) yield pass(size - at);
}
