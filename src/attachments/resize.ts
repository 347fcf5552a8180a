/** Resizes images where the platform's service is bound. */

import { resizedWidth } from "../domain/attachment-link.ts";
import type { StoredAttachment } from "../domain/attachments.ts";
import { keyOf } from "../domain/attachments.ts";
import { errorFields, log } from "../log.ts";
import { openBucket } from "./bucket.ts";
import { headersOf, type LinkedFile } from "./serve.ts";

/** Formats that are written as they are read. Others become WebP. An animation would lose its motion, so a GIF stays whole. */
const SAME: Readonly<Record<string, "image/jpeg" | "image/png" | "image/webp" | "image/avif">> = {
  "image/jpeg": "image/jpeg",
  "image/png": "image/png",
  "image/webp": "image/webp",
  "image/avif": "image/avif",
};

/**
 * An image in another width, keeping its shape.
 * @param wanted pixels.
 * @returns undefined where the original is the answer: nothing is bound, it is no image of these formats, it is small already, or
 *   the service has failed.
 */
export async function resized(
  { IMAGES, ATTACHMENTS }: { IMAGES?: ImagesBinding; ATTACHMENTS: R2Bucket },
  attachment: StoredAttachment,
  wanted: number,
  link: LinkedFile,
): Promise<Response | undefined> {
  const format = SAME[attachment.mime_type];
  const width = resizedWidth(wanted, attachment.width);
  if (!IMAGES || attachment.type !== "image" || format === undefined || width === undefined) return undefined;
  const object = await openBucket(ATTACHMENTS).get(keyOf(attachment), {
    onlyIf: { etagMatches: attachment.etag },
  });
  if (!object || !("body" in object)) return undefined;
  try {
    const made = await IMAGES.input(object.body).transform({ width, fit: "scale-down" }).output({ format });
    const headers = headersOf(attachment, link);
    headers.set("Content-Type", format);
    headers.set("ETag", `"${attachment.etag}-w${width}"`);
    headers.delete("Accept-Ranges");
    return new Response(made.image(), { headers });
  } catch (error) {
    log("warn", "attachments.not_resized", { width, ...errorFields(error) });
    return undefined;
  }
}
