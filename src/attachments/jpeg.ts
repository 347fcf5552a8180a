/**
 * JPEG without what the camera noted: where the picture was taken, when, with what. Streaming, so that the size of a
 * picture costs no memory.
 *
 * Kept are the segments that the pixels need. Dropped are EXIF and XMP (APP1), Photoshop's notes (APP13), every other
 * application segment, comments, and whatever follows the end of the picture: phones put further pictures there, each
 * with an EXIF of its own. Of the EXIF the orientation stays, or portraits would lie on their side.
 */
import { ByteReader } from "./byte-reader.ts";
import { orientationOf, orientationSegment } from "./exif.ts";

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const APP0 = 0xe0;
const APP1 = 0xe1;
const APP2 = 0xe2;
const APP14 = 0xee;
const APP15 = 0xef;
const COMMENT = 0xfe;

/** Start of frame: where the size of the picture is. C4, C8 and CC are other things. */
const isFrame = (marker: number) =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/** What the decoder needs of the application segments: the JFIF header, the colour profile, Adobe's colour transform. */
const NEEDED: Readonly<Record<number, string>> = {
  [APP0]: "JFIF\0",
  [APP2]: "ICC_PROFILE\0",
  [APP14]: "Adobe",
};

/** The bytes are not a JPEG that anybody could show. */
export class NotJpeg extends Error {}

export class JpegCleaner {
  /** Pixels as stored, before the orientation is applied; 0 until the frame was seen. */
  width = 0;
  height = 0;
  /** EXIF's: 1 is upright, 5 to 8 lie on their side. */
  orientation = 1;
  /** Whether a segment was dropped or replaced; what follows the end of the picture is not counted. */
  changed = false;
  readonly #reader: ByteReader;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#reader = new ByteReader(source);
  }

  /** The clean picture, piece by piece. @throws NotJpeg */
  async *pieces(): AsyncGenerator<Uint8Array> {
    try {
      const start = await this.#reader.take(2);
      if (start?.[0] !== 0xff || start[1] !== SOI) throw new NotJpeg("it does not begin as a JPEG");
      yield start;
      yield* this.#picture();
      if (this.width === 0 || this.height === 0) throw new NotJpeg("it has no picture");
    } finally {
      await this.#reader.close();
    }
  }

  async *#picture(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const marker = await this.#reader.marker();
      // Some cameras forget the end; decoders do not mind.
      if (marker === undefined) return;
      if (marker === 0) throw new NotJpeg("something is between its segments");
      if (marker === EOI) {
        yield Uint8Array.of(0xff, EOI);
        return;
      }
      yield* this.#segment(marker);
      if (marker === SOS) yield* this.#reader.untilMarker();
    }
  }

  async *#segment(marker: number): AsyncGenerator<Uint8Array> {
    const length = await this.#reader.take(2);
    const size = length ? new DataView(length.buffer, length.byteOffset).getUint16(0) : 0;
    const body = size >= 2 ? await this.#reader.take(size - 2) : undefined;
    if (!length || !body) throw new NotJpeg("a segment is cut off");
    if (isFrame(marker)) this.#measure(body);
    if (!isNotes(marker, body)) {
      yield Uint8Array.of(0xff, marker, ...length);
      yield body;
      return;
    }
    const upright = marker === APP1 ? this.#turn(body) : undefined;
    if (upright) yield upright;
    if (!upright || !sameBytes(upright.subarray(4), body)) this.changed = true;
  }

  #measure(frame: Uint8Array): void {
    const [, heightHigh = 0, heightLow = 0, widthHigh = 0, widthLow = 0] = frame;
    this.height = heightHigh * 256 + heightLow;
    this.width = widthHigh * 256 + widthLow;
  }

  /** What stays of an EXIF segment: the orientation, if it says more than "upright". */
  #turn(body: Uint8Array): Uint8Array | undefined {
    const orientation = orientationOf(body);
    if (orientation === undefined || orientation === 1 || this.orientation !== 1) return undefined;
    this.orientation = orientation;
    return orientationSegment(orientation);
  }
}

/** Whether a segment says something about the picture that its pixels do not need. */
function isNotes(marker: number, body: Uint8Array): boolean {
  if (marker === COMMENT) return true;
  if (marker < APP0 || marker > APP15) return false;
  const needed = NEEDED[marker];
  return needed === undefined || !startsWith(body, needed);
}

function startsWith(body: Uint8Array, text: string): boolean {
  return body.length >= text.length && [...text].every((char, i) => body[i] === char.charCodeAt(0));
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}
