/**
 * Removes metadata from JPEG, such as place, time and camera.
 *
 * Keeps the segments that the pixels need. Removes EXIF and XMP (APP1), Photoshop data (APP13), other application
 * segments, comments, and everything after the end of the picture: phones put more pictures there, each with its own
 * EXIF. Keeps the orientation of the EXIF, or portraits would be shown on their side.
 */
import { drop, dropUntil, emit, type Program, pass, passUntil, type Scanner, take } from "./byte-filter.ts";
import { sameBytes, startsWith, uint16 } from "./bytes.ts";
import { isExif, MAX_EXIF_BYTES, orientationOf, orientationSegment } from "./exif.ts";
import { BrokenImage, type Findings } from "./image-findings.ts";

/** The first byte of every marker. It may be repeated before the code. */
const FILL = 0xff;
const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const APP0 = 0xe0;
const APP1 = 0xe1;
const APP2 = 0xe2;
const APP14 = 0xee;
const APP15 = 0xef;
const COMMENT = 0xfe;

/** Application segments that decoders need: JFIF header, colour profile, Adobe colour transform. */
const NEEDED: Readonly<Record<number, string>> = {
  [APP0]: "JFIF\0",
  [APP2]: "ICC_PROFILE\0",
  [APP14]: "Adobe",
};
/** Bytes of the longest of these signatures. */
const NEEDED_BYTES = 12;

/** Bytes of a frame header up to the size. */
const FRAME_BYTES = 5;

/** Start-of-frame markers, which contain the size of the picture. C4, C8 and CC have other meanings. */
const isFrame = (marker: number) =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
const isRestart = (marker: number) => marker >= 0xd0 && marker <= 0xd7;

/**
 * Finds the marker that ends a scan. Within a scan, FF is followed by 00 or by a restart marker, and may be repeated.
 * If FF is rare, it searches for the next one; if FF is dense, a search would cost more.
 */
const inScan: Scanner = (chunk, from) => {
  for (let at = from; ; ) {
    if (chunk[at] !== FILL) {
      at = chunk.indexOf(FILL, at);
      if (at === -1) return { at: chunk.length, done: false };
    }
    const code = afterFill(chunk, at + 1);
    if (code === chunk.length) return { at: code - 1, done: false };
    const marker = chunk[code] ?? 0;
    // Everything before the last FF can be passed on. The FF may be the first half of a marker that continues in the
    // next chunk.
    if (marker !== 0 && !isRestart(marker)) return { at: code - 1, done: true };
    at = code + 1;
    // A search from the end would find nothing.
    if (at === chunk.length) return { at, done: false };
  }
};

/** The position of the next byte that is not FF. */
function afterFill(chunk: Uint8Array, from: number): number {
  let at = from;
  while (at < chunk.length && chunk[at] === FILL) at++;
  return at;
}

/** Skips fill bytes before a marker. */
const fill: Scanner = (chunk, from) => {
  const at = afterFill(chunk, from);
  return { at, done: at < chunk.length };
};

/** Writes the clean picture. */
export function* jpeg(found: Findings): Program {
  const start = yield take(2);
  if (start?.[0] !== 0xff || start[1] !== SOI) throw new BrokenImage("it does not start with a JPEG header");
  yield emit(start);
  for (;;) {
    const lead = yield take(1);
    if (lead && lead[0] !== 0xff) throw new BrokenImage("there are unexpected bytes between its segments");
    yield dropUntil(fill);
    const code = yield take(1);
    // Some cameras omit the end marker. Decoders accept that.
    if (!lead || !code) return;
    const [marker = 0] = code;
    if (marker === 0 || marker === SOI)
      throw new BrokenImage("there are unexpected bytes between its segments");
    found.part();
    const hasBody = marker !== EOI && !isRestart(marker);
    if (hasBody) yield* segment(found, lead, code);
    else yield* emitAll([lead, code]);
    if (marker === EOI) return;
    if (marker === SOS) yield passUntil(inScan);
  }
}

/** A segment with a length and a body. */
function* segment(found: Findings, lead: Uint8Array, code: Uint8Array): Program {
  const [marker = 0] = code;
  const length = yield take(2);
  const size = length ? uint16(length) - 2 : -1;
  if (!length || size < 0) throw new BrokenImage("a segment is cut off");
  const looked = yield take(Math.min(size, looksAt(marker)));
  if (!looked) throw new BrokenImage("a segment is cut off");
  // Decoders use the first frame. A second one would hide the real size.
  if (isFrame(marker) && found.width === 0) found.size(uint16(looked, 3), uint16(looked, 1));
  const kept = !isNotes(marker, looked);
  if (kept) yield* emitAll([lead, code, length, looked]);
  else yield* notes(found, marker, looked);
  const whole = yield kept ? pass(size - looked.length) : drop(size - looked.length);
  if (!whole) throw new BrokenImage("a segment is cut off");
}

/** Replaces an EXIF segment by its orientation, if that is not upright. */
function* notes(found: Findings, marker: number, body: Uint8Array): Program {
  const orientation = marker === APP1 && isExif(body) ? orientationOf(body) : undefined;
  const upright = found.turn(orientation) ? orientationSegment(orientation) : undefined;
  if (upright) yield emit(upright);
  if (!upright || !sameBytes(upright.subarray(4), body)) found.changed = true;
}

function* emitAll(pieces: readonly Uint8Array[]): Program {
  for (const piece of pieces) yield emit(piece);
}

/** Bytes at the start of a segment that identify it. */
function looksAt(marker: number): number {
  if (marker === APP1) return MAX_EXIF_BYTES;
  if (isFrame(marker)) return FRAME_BYTES;
  return marker >= APP0 && marker <= APP15 ? NEEDED_BYTES : 0;
}

/** Whether a segment is metadata, which the pixels do not need. */
function isNotes(marker: number, body: Uint8Array): boolean {
  if (marker === COMMENT) return true;
  if (marker < APP0 || marker > APP15) return false;
  const needed = NEEDED[marker];
  return needed === undefined || !startsWith(body, needed);
}
