/** What the first bytes of a file say about it. */
import { fileTypeFromBuffer } from "file-type";
import { imageSize } from "image-size";

/** Bytes that are read of a file to find out: what the libraries want, and room for the header of any image. */
export const HEAD_BYTES = 64 * 1024;

export interface Pixels {
  width: number;
  height: number;
}

/** The MIME type that a file's first bytes look like; undefined if they look like nothing in particular. */
export async function detectType(head: Uint8Array): Promise<string | undefined> {
  try {
    return (await fileTypeFromBuffer(head))?.mime;
  } catch {
    // A broken file is of no type.
    return undefined;
  }
}

/** The size of an image; undefined if its header cannot be read. */
export function imagePixels(head: Uint8Array): Pixels | undefined {
  try {
    const { width, height } = imageSize(head);
    return width > 0 && height > 0 ? { width, height } : undefined;
  } catch {
    return undefined;
  }
}
