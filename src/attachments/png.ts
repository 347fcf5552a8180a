/**
 * Removes metadata from PNG: texts (including XMP), EXIF except the orientation, times, unknown chunks, and everything
 * after the end. Keeps the chunks for pixels, colours and animation.
 */
import { drop, emit, type Program, pass, take } from "./byte-filter.ts";
import { latin1, name4, sameBytes, startsWith, uint32 } from "./bytes.ts";
import { MAX_EXIF_BYTES, orientationExif, orientationOf } from "./exif.ts";
import { BrokenImage, type Findings } from "./image-findings.ts";

const SIGNATURE = "\x89PNG\r\n\x1a\n";
const MAX_CHUNK_BYTES = 0x7fff_ffff;
const CRC_BYTES = 4;
/** Bytes of the header of the picture, and of an animation frame. */
const HEADER_BYTES = 13;
const FRAME_BYTES = 26;

const NEEDED: ReadonlySet<string> = new Set(
  "IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD hIST pHYs acTL fcTL fdAT".split(" "),
);

/** The name of a critical chunk starts with a capital letter. */
const isCritical = (type: string) => /^[A-Z]/.test(type);

/** Writes the clean picture. */
export function* png(found: Findings): Program {
  const start = yield take(SIGNATURE.length);
  if (!start || !startsWith(start, SIGNATURE)) throw new BrokenImage("it does not start with a PNG header");
  yield emit(start);
  for (let isFirst = true; ; isFirst = false) {
    const head = yield take(8);
    if (!head) return;
    found.part();
    const type = name4(head, 4);
    if (uint32(head) > MAX_CHUNK_BYTES) throw new BrokenImage("a chunk is too long");
    if (isFirst !== (type === "IHDR")) throw new BrokenImage("its IHDR chunk is missing or not the first");
    yield* chunk(found, head, type);
    if (type === "IEND") return;
  }
}

function* chunk(found: Findings, head: Uint8Array, type: string): Program {
  const length = uint32(head);
  if (NEEDED.has(type)) {
    yield emit(head);
    const looked = yield take(Math.min(length, looksAt(type)));
    if (!looked) return;
    measure(found, type, looked);
    yield emit(looked);
    yield pass(length - looked.length + CRC_BYTES);
    return;
  }
  if (isCritical(type)) throw new BrokenImage("it has an unknown critical chunk");
  if (type === "eXIf") yield* exif(found, length);
  else {
    found.changed = true;
    yield drop(length + CRC_BYTES);
  }
}

/** Replaces EXIF by its orientation, if that is not upright. */
function* exif(found: Findings, length: number): Program {
  const body = yield take(Math.min(length, MAX_EXIF_BYTES));
  if (!body) return;
  const orientation = orientationOf(body);
  const upright = found.turn(orientation) ? orientationChunk(orientation) : undefined;
  if (upright) yield emit(upright);
  if (!upright || !sameBytes(upright.subarray(8, -CRC_BYTES), body)) found.changed = true;
  yield drop(length - body.length + CRC_BYTES);
}

function looksAt(type: string): number {
  if (type === "IHDR") return HEADER_BYTES;
  return type === "fcTL" ? FRAME_BYTES : 0;
}

function measure(found: Findings, type: string, body: Uint8Array): void {
  if (type === "IHDR") found.size(uint32(body), uint32(body, 4));
  // An animation frame: a number, its size and its position.
  if (type === "fcTL") found.area(uint32(body, 4) + uint32(body, 12), uint32(body, 8) + uint32(body, 16));
}

/** The checksum of a chunk. */
function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

function orientationChunk(orientation: number): Uint8Array {
  const exif = orientationExif(orientation);
  const whole = new Uint8Array(8 + exif.length + CRC_BYTES);
  const view = new DataView(whole.buffer);
  view.setUint32(0, exif.length);
  whole.set(latin1("eXIf"), 4);
  whole.set(exif, 8);
  view.setUint32(8 + exif.length, crc32(whole.subarray(4, 8 + exif.length)));
  return whole;
}
