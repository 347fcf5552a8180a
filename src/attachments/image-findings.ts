/** What is found out about an image while its bytes go by. */

/**
 * Segments, chunks, blocks and boxes of one image, at most. A picture of 20 MB has some thousands; what has more was
 * made to be slow.
 */
export const MAX_PARTS = 65_536;
/** A part takes about as long as this many bytes, so a short file may have fewer; but an animation may have tiny frames. */
const BYTES_PER_PART = 128;
const FREE_PARTS = 8_192;

/** Parts that an image of this many bytes may have. */
export function maxParts(size: number): number {
  return Math.min(MAX_PARTS, FREE_PARTS + Math.floor(size / BYTES_PER_PART));
}

/** Orientations from here on lie on their side: what is stored as width is shown as height. */
const FIRST_SIDEWAYS = 5;

/** The bytes are not an image that a viewer could show. The message says why, to be read behind a colon. */
export class BrokenImage extends Error {}

/** A range of a file. */
export interface Range {
  from: number;
  to: number;
}

export class Findings {
  /** Pixels as stored, before the orientation is applied; 0 until they are known. */
  width = 0;
  height = 0;
  /** The largest area that anything in the file makes a decoder reserve. */
  maxPixels = 0;
  /** EXIF's: 1 is upright, 5 to 8 lie on their side. */
  orientation = 1;
  /** Whether anything was left out or replaced; what follows the end of the picture is not counted. */
  changed = false;
  /** Ranges that become zeros, where leaving bytes out would move others that are found by their place. */
  readonly blanks: Range[] = [];
  /** Segments, chunks, blocks or boxes so far. */
  parts = 0;
  readonly #maxParts: number;
  #isTurned = false;

  /** @param size bytes of the file; without it, the parts were counted before. */
  constructor(size = Number.POSITIVE_INFINITY) {
    this.#maxParts = maxParts(size);
  }

  /** Counts a part. @throws BrokenImage if there are too many. */
  part(): void {
    this.parts += 1;
    if (this.parts > this.#maxParts) throw new BrokenImage("it has too many parts");
  }

  /** Notes an area that is decoded. */
  area(width: number, height: number): void {
    this.maxPixels = Math.max(this.maxPixels, width * height);
  }

  /** Notes the size of the picture. */
  size(width: number, height: number): void {
    this.width = width;
    this.height = height;
    this.area(width, height);
  }

  /** The first orientation that a file tells counts. @returns whether this one does, and says more than "upright". */
  turn(orientation: number | undefined): orientation is number {
    if (orientation === undefined || this.#isTurned) return false;
    this.#isTurned = true;
    this.orientation = orientation;
    return orientation !== 1;
  }

  /** Pixels as shown. */
  get shown(): { width: number; height: number } {
    const { width, height } = this;
    return this.orientation >= FIRST_SIDEWAYS ? { width: height, height: width } : { width, height };
  }
}
