/**
 * Removes metadata from WebP: EXIF except the orientation, XMP, unknown chunks, and everything after the end. The
 * header contains the file size and flags, so the clean copy needs a first reading.
 */
import { blank, drop, emit, type Program, pass, take } from "./byte-filter.ts";
import { latin1, littleEndian, name4, sameBytes, startsWith } from "./bytes.ts";
import { MAX_EXIF_BYTES, orientationExif, orientationOf } from "./exif.ts";
import { BrokenImage, type Findings } from "./image-findings.ts";

/** The result of the first reading. */
export interface Known {
  /** Size of the clean picture in bytes. */
  size: number;
  orientation: number;
}

const HAS_EXIF = 0x08;
const HAS_XMP = 0x04;
/** Bytes of "RIFF" and the size field, which the size does not include. */
const OUTER_BYTES = 8;
const CANVAS_BYTES = 10;
const FRAME_BYTES = 16;
/** Bytes of an image header up to the size. */
const LOSSY_BYTES = 10;
const LOSSLESS_BYTES = 5;

const NEEDED: ReadonlySet<string> = new Set(["VP8 ", "VP8L", "VP8X", "ANIM", "ANMF", "ALPH", "ICCP"]);

/** Chunks are padded to an even number of bytes. */
const padded = (size: number) => size + (size % 2);

/** The position in the file and where its parts end. */
interface Place {
  at: number;
  end: number;
  frameEnd: number;
  /** The flags of the canvas chunk, if there is one. */
  flags?: number;
}

/** Writes the clean picture. @param known undefined at the first reading, whose output is only counted. */
export function* webp(found: Findings, known?: Known): Program {
  const start = yield take(12);
  const isWebp = start && startsWith(start, "RIFF") && name4(start, 8) === "WEBP";
  if (!isWebp) throw new BrokenImage("it does not start with a WebP header");
  yield emit(known ? riff(known.size) : start);
  const place: Place = { at: 12, end: OUTER_BYTES + littleEndian(start, 4, 4), frameEnd: 0 };
  while (place.at < place.end) {
    const head = yield take(8);
    if (!head) break;
    found.part();
    const size = littleEndian(head, 4, 4);
    yield* chunk(found, place, head, known);
    // The chunks of a frame follow its header and are handled one by one.
    place.at += 8 + (name4(head) === "ANMF" ? FRAME_BYTES : padded(size));
  }
  if (place.flags !== undefined && place.flags !== flagsOf(place.flags, found)) found.changed = true;
}

function* chunk(found: Findings, place: Place, head: Uint8Array, known: Known | undefined): Program {
  const type = name4(head);
  const size = littleEndian(head, 4, 4);
  // Viewers ignore EXIF that the canvas does not announce.
  const isExif = type === "EXIF" && place.at >= place.frameEnd && ((place.flags ?? 0) & HAS_EXIF) !== 0;
  if (isExif) return yield* exif(found, head, size);
  if (!NEEDED.has(type)) {
    found.changed = true;
    // The frame around it contains its size.
    if (place.at < place.frameEnd) return yield* emitAndBlank(head, padded(size));
    yield drop(padded(size));
    return;
  }
  const looked = yield take(Math.min(size, looksAt(type)));
  if (!looked) return;
  if (type === "ANMF") place.frameEnd = place.at + 8 + size;
  measure(found, type, looked);
  yield emit(head);
  if (type === "VP8X") place.flags = looked[0] ?? 0;
  yield emit(type === "VP8X" ? looked.with(0, flagsOf(place.flags ?? 0, known ?? found)) : looked);
  if (type !== "ANMF") yield pass(padded(size) - looked.length);
}

function* emitAndBlank(head: Uint8Array, size: number): Program {
  yield emit(head);
  yield blank(size);
}

/** Replaces EXIF by its orientation, if that is not upright. */
function* exif(found: Findings, head: Uint8Array, size: number): Program {
  const body = yield take(Math.min(size, MAX_EXIF_BYTES));
  if (!body) return;
  const orientation = orientationOf(body);
  const upright = found.turn(orientation) ? orientationExif(orientation) : undefined;
  if (upright) {
    yield emit(head.with(4, upright.length).fill(0, 5));
    yield emit(upright);
  }
  if (!upright || !sameBytes(upright, body)) found.changed = true;
  yield drop(padded(size) - body.length);
}

/** The canvas flags of the clean picture. */
function flagsOf(flags: number, { orientation }: { orientation: number }): number {
  return (flags & ~(HAS_EXIF | HAS_XMP)) | (orientation === 1 ? 0 : HAS_EXIF);
}

function riff(size: number): Uint8Array {
  const head = new Uint8Array(12);
  head.set(latin1("RIFF"));
  new DataView(head.buffer).setUint32(4, size - OUTER_BYTES, true);
  head.set(latin1("WEBP"), 8);
  return head;
}

function looksAt(type: string): number {
  const bytes: Record<string, number> = {
    "VP8 ": LOSSY_BYTES,
    VP8L: LOSSLESS_BYTES,
    VP8X: CANVAS_BYTES,
    ANMF: FRAME_BYTES,
  };
  return bytes[type] ?? 0;
}

/** The canvas is the shown size; without one, the picture is. A decoder allocates the larger of them. */
function measure(found: Findings, type: string, body: Uint8Array): void {
  const at24 = (at: number) => littleEndian(body, at, 3) + 1;
  if (type === "VP8X") found.size(at24(4), at24(7));
  if (type === "ANMF")
    found.area(2 * littleEndian(body, 0, 3) + at24(6), 2 * littleEndian(body, 3, 3) + at24(9));
  const picture = type === "VP8 " ? lossySize(body) : type === "VP8L" ? losslessSize(body) : undefined;
  if (!picture) return;
  if (found.width === 0) found.size(...picture);
  else found.area(...picture);
}

function lossySize(body: Uint8Array): [number, number] {
  return [littleEndian(body, 6, 2) & 0x3fff, littleEndian(body, 8, 2) & 0x3fff];
}

function losslessSize(body: Uint8Array): [number, number] {
  const bits = littleEndian(body, 1, 4);
  return [(bits & 0x3fff) + 1, (Math.floor(bits / 2 ** 14) & 0x3fff) + 1];
}
