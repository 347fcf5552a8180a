/** What the first bytes of a file say about it. */
import { fileTypeFromBuffer } from "file-type";

/** Bytes that are read of a file to find out: what the library wants. More would only give it more to go through. */
export const HEAD_BYTES = 4100;

/** The MIME type that a file's first bytes look like; undefined if they look like nothing in particular. */
export async function detectType(head: Uint8Array): Promise<string | undefined> {
  try {
    return (await fileTypeFromBuffer(head))?.mime;
  } catch {
    // A broken file is of no type.
    return undefined;
  }
}
