/**
 * AVIF without what was noted about it: EXIF, XMP, user data and unknown boxes. Everything in it is found by its place in
 * the file, so nothing is cut out: notes become zeros. Which side is up is no part of them here (irot).
 */
import { readMeta, readMovie } from "./avif-items.ts";
import { boxSize, headBytes } from "./boxes.ts";
import { blank, emit, type Program, pass, take } from "./byte-filter.ts";
import { name4, uint32 } from "./bytes.ts";
import { BrokenImage, type Findings, type Range } from "./image-findings.ts";

/** Bytes of a box that says what is where. That of a picture has some hundred. */
const MAX_HEADER_BYTES = 1024 * 1024;
/** Bytes of the brands that are looked through. */
const MAX_BRANDS_BYTES = 1024;

/** The clean picture. @param known what becomes zeros, and how long it is; undefined at the first reading. */
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

/** A head with its longer length. */
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

/** What the file says to be: one of several things may be AVIF. */
function* brands(size: number): Program {
  const looked = yield take(Math.min(size, MAX_BRANDS_BYTES));
  if (!looked || !hasBrand(looked)) throw new BrokenImage("it does not start with an AVIF header");
  yield emit(looked);
  yield pass(size - looked.length);
}

/** Everything up to a size, with zeros in some ranges. */
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
