/** Detects the type of a file from its first bytes. */
import { fileTypeFromBuffer } from "file-type";

/** Bytes that the library needs. More would only slow it down. */
export const HEAD_BYTES = 4100;

/** The MIME type of a file by its first bytes; undefined if it is unknown. */
export async function detectType(head: Uint8Array): Promise<string | undefined> {
  try {
    return (await fileTypeFromBuffer(head))?.mime;
  } catch {
    // A broken file has no type.
    return undefined;
  }
}
