/** Reads and writes the orientation, the only EXIF field that an image needs. */
import { latin1, littleEndian, startsWith, uint16, uint32 } from "./bytes.ts";

const HEADER = "Exif\0\0";
const ORIENTATION = 0x0112;
const SHORT = 3;
/** Bytes of a directory entry. */
const ENTRY = 12;
/** Bytes of EXIF that are read. A JPEG cannot have more, and the orientation is in the first directory. */
export const MAX_EXIF_BYTES = 65_535;

/**
 * Reads the orientation.
 * @param exif with or without the header that JPEG puts before it.
 * @returns 1 to 8, or undefined.
 */
export function orientationOf(exif: Uint8Array): number | undefined {
  const tiff = startsWith(exif, HEADER) ? exif.subarray(HEADER.length) : exif;
  // EXIF is little-endian ("II") or big-endian ("MM").
  const isLittle = uint16(tiff) === 0x4949;
  const read = (at: number, bytes: number) =>
    isLittle ? littleEndian(tiff, at, bytes) : bytes === 2 ? uint16(tiff, at) : uint32(tiff, at);
  const directory = read(4, 4);
  const end = Math.min(directory + 2 + read(directory, 2) * ENTRY, tiff.length);
  // Invalid offsets do not throw, because a file can have thousands of them.
  for (let entry = directory + 2; entry + ENTRY <= end; entry += ENTRY) {
    if (read(entry, 2) !== ORIENTATION) continue;
    const value = read(entry + 8, 2);
    return value >= 1 && value <= 8 ? value : undefined;
  }
  return undefined;
}

/** EXIF with the orientation only. */
export function orientationExif(orientation: number): Uint8Array {
  const exif = new Uint8Array(26);
  const view = new DataView(exif.buffer);
  view.setUint16(0, 0x4d4d);
  view.setUint16(2, 42);
  view.setUint32(4, 8);
  view.setUint16(8, 1);
  view.setUint16(10, ORIENTATION);
  view.setUint16(12, SHORT);
  view.setUint32(14, 1);
  view.setUint16(18, orientation);
  return exif;
}

/** A JPEG APP1 segment with the orientation only. */
export function orientationSegment(orientation: number): Uint8Array {
  const exif = orientationExif(orientation);
  const body = HEADER.length + exif.length;
  const segment = new Uint8Array(4 + body);
  const view = new DataView(segment.buffer);
  view.setUint16(0, 0xffe1);
  view.setUint16(2, body + 2);
  segment.set(latin1(HEADER), 4);
  segment.set(exif, 4 + HEADER.length);
  return segment;
}

/** Whether the body of an APP1 segment is EXIF. It may be XMP. */
export function isExif(body: Uint8Array): boolean {
  return startsWith(body, HEADER);
}
