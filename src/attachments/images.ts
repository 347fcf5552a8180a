/** Reads images: their size, and copies without metadata. */
import { avif } from "./avif.ts";
import { filtered, type Program } from "./byte-filter.ts";
import { gif } from "./gif.ts";
import { BrokenImage, Findings, type Range } from "./image-findings.ts";
import { jpeg } from "./jpeg.ts";
import { png } from "./png.ts";
import { webp } from "./webp.ts";

/** The result of the first reading of an image. */
export interface ExaminedImage {
  /** Pixels as shown. */
  width: number;
  height: number;
  /** The largest area that a decoder allocates. */
  maxPixels: number;
  /** Size of the clean copy in bytes. */
  size: number;
  /** Whether the clean copy differs from the upload. */
  changed: boolean;
  orientation: number;
  /** Ranges that are blanked in the clean copy. */
  blanks: readonly Range[];
}

/** Reads an image and writes it without metadata. @param known the result of the first reading. */
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
 * Reads an image without keeping its bytes.
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

/** The image without metadata, in pieces. @param known the result of {@link examineImage}. */
export function cleanImage(
  mimeType: string,
  source: AsyncIterable<Uint8Array>,
  known: ExaminedImage,
): AsyncIterable<Uint8Array> {
  return filtered(source, formatOf(mimeType)(new Findings(), known));
}
