/** What is found in an image while its bytes are read. */

/**
 * Maximum number of segments, chunks, blocks or boxes in an image. A picture of 20 MB has some thousands. More means
 * that it was made to be slow.
 */
export const MAX_PARTS = 65_536;
/**
 * Parsing a part takes about as long as reading this many bytes, so short files may have fewer parts. But animations
 * can have tiny frames, so there is a minimum.
 */
const BYTES_PER_PART = 128;
const FREE_PARTS = 8_192;

/** The maximum number of parts in an image of this size. */
export function maxParts(size: number): number {
  return Math.min(MAX_PARTS, FREE_PARTS + Math.floor(size / BYTES_PER_PART));
}

/** From this orientation on, width and height are swapped. */
const FIRST_SIDEWAYS = 5;

/** The bytes are not a valid image. The message is the reason, written to follow a colon. */
export class BrokenImage extends Error {}

/** A range of a file. */
export interface Range {
  from: number;
  to: number;
}

export class Findings {
  /** Pixels as stored, before rotation; 0 until known. */
  width = 0;
  height = 0;
  /** The largest area that a decoder allocates for anything in the file. */
  maxPixels = 0;
  /** The EXIF orientation: 1 is upright, 5 to 8 swap width and height. */
  orientation = 1;
  /** Whether anything was removed or replaced, except bytes after the end of the picture. */
  changed = false;
  /** Ranges to blank, where removing bytes would break file offsets. */
  readonly blanks: Range[] = [];
  /** Segments, chunks, blocks or boxes so far. */
  parts = 0;
  readonly #maxParts: number;
  #isTurned = false;

  /** @param size bytes of the file; absent if the parts were already counted. */
  constructor(size = Number.POSITIVE_INFINITY) {
    this.#maxParts = maxParts(size);
  }

  /** Counts a part. @throws BrokenImage if there are too many. */
  part(): void {
    this.parts += 1;
    if (this.parts > this.#maxParts) throw new BrokenImage("it has too many parts");
  }

  /** Records a decoded area. */
  area(width: number, height: number): void {
    this.maxPixels = Math.max(this.maxPixels, width * height);
  }

  /** Records the size of the picture. */
  size(width: number, height: number): void {
    this.width = width;
    this.height = height;
    this.area(width, height);
  }

  /** Records the orientation; the first one counts. @returns whether this is it, and it is not upright. */
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
