/** The one field of EXIF that a picture cannot do without: which side is up. */

const HEADER = "Exif\0\0";
const ORIENTATION = 0x0112;
const SHORT = 3;
/** Bytes of an entry of a directory. */
const ENTRY = 12;

/**
 * The orientation that an APP1 segment tells.
 * @param body the segment without marker and length.
 * @returns 1 to 8; undefined if it is no EXIF, or does not tell.
 */
export function orientationOf(body: Uint8Array): number | undefined {
  if (![...HEADER].every((char, i) => body[i] === char.charCodeAt(0))) return undefined;
  const tiff = new DataView(body.buffer, body.byteOffset + HEADER.length, body.byteLength - HEADER.length);
  try {
    // Everything in it is little-endian ("II") or big-endian ("MM").
    const little = tiff.getUint16(0) === 0x4949;
    const directory = tiff.getUint32(4, little);
    const entries = tiff.getUint16(directory, little);
    for (let i = 0; i < entries; i++) {
      const entry = directory + 2 + i * ENTRY;
      if (tiff.getUint16(entry, little) !== ORIENTATION) continue;
      const value = tiff.getUint16(entry + 8, little);
      return value >= 1 && value <= 8 ? value : undefined;
    }
  } catch (error) {
    // An offset that leads out of the segment.
    if (!(error instanceof RangeError)) throw error;
  }
  return undefined;
}

/** A whole APP1 segment that tells the orientation and nothing else. */
export function orientationSegment(orientation: number): Uint8Array {
  const segment = new Uint8Array(36);
  const view = new DataView(segment.buffer);
  view.setUint16(0, 0xffe1);
  view.setUint16(2, segment.length - 2);
  segment.set(new TextEncoder().encode(HEADER), 4);
  const tiff = 10;
  view.setUint16(tiff, 0x4d4d);
  view.setUint16(tiff + 2, 42);
  view.setUint32(tiff + 4, 8);
  view.setUint16(tiff + 8, 1);
  view.setUint16(tiff + 10, ORIENTATION);
  view.setUint16(tiff + 12, SHORT);
  view.setUint32(tiff + 14, 1);
  view.setUint16(tiff + 18, orientation);
  return segment;
}
