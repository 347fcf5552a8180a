/** Images, as far as a server has to understand them: how large they are, and what was noted about them. */
import { avif } from "./avif.ts";
import { filtered, type Program } from "./byte-filter.ts";
import { gif } from "./gif.ts";
import { BrokenImage, Findings, type Range } from "./image-findings.ts";
import { jpeg } from "./jpeg.ts";
import { png } from "./png.ts";
import { webp } from "./webp.ts";

/** What a first reading has found out about an image. */
export interface ExaminedImage {
  /** Pixels as shown. */
  width: number;
  height: number;
  /** The largest area that a decoder makes room for. */
  maxPixels: number;
  /** Bytes of the clean copy. */
  size: number;
  /** Whether the clean copy differs. */
  changed: boolean;
  orientation: number;
  /** What becomes zeros in the clean copy. */
  blanks: readonly Range[];
}

/** Reads an image and writes it without notes. @param known what a first reading of the same bytes has found. */
type Format = (found: Findings, known?: ExaminedImage) => Program;

const FORMATS: Readonly<Record<string, Format>> = {
  "image/jpeg": jpeg,
  "image/png": png,
  "image/gif": gif,
  "image/webp": webp,
  "image/avif": avif,
};

function formatOf(mimeType: string): Format {
  const format = FORMATS[mimeType];
  if (!format) throw new Error(`no reader for ${mimeType}`);
  return format;
}

/**
 * Reads an image once and keeps nothing of it.
 * @param size bytes of the file.
 * @throws BrokenImage
 */
export async function examineImage(
  mimeType: string,
  source: AsyncIterable<Uint8Array>,
  size: number,
): Promise<ExaminedImage> {
  const found = new Findings(size);
  let clean = 0;
  for await (const piece of filtered(source, formatOf(mimeType)(found))) clean += piece.length;
  const { orientation, maxPixels, blanks } = found;
  const { width, height } = found.shown;
  if (width === 0 || height === 0) throw new BrokenImage("it contains no picture");
  return {
    width,
    height,
    maxPixels,
    size: clean,
    changed: found.changed || clean !== size,
    orientation,
    blanks,
  };
}

/** The same image without notes, in pieces. */
export function cleanImage(
  mimeType: string,
  source: AsyncIterable<Uint8Array>,
  known: ExaminedImage,
): AsyncIterable<Uint8Array> {
  return filtered(source, formatOf(mimeType)(new Findings(), known));
}
