/** Checks the bytes of one upload, and copies them without metadata to their final key. */

import { MAX_IMAGE_PIXELS } from "@rocket-chat-api/protocol";
import { type AttachmentRow, beginCheck, checkAttachment } from "../directory/attachments.ts";
import type { Directory } from "../directory/database.ts";
import { found, type Outcome, refused } from "../domain/outcome.ts";
import { errorFields, log } from "../log.ts";
import { detectType } from "./content.ts";
import { BrokenImage } from "./image-findings.ts";
import { cleanImage, type ExaminedImage, examineImage } from "./images.ts";
import { checkedKey, uploadKey } from "./object-key.ts";
import { agrees } from "./policy.ts";
import {
  type CheckedObject,
  deleteObjects,
  readBody,
  readChecked,
  type UploadHead,
  writeChecked,
  writeCheckedPieces,
} from "./storage.ts";

export interface Stores {
  db: Directory;
  bucket: R2Bucket;
}

/** The bytes of an upload are invalid. They are deleted; a new upload is needed. */
class BadBytes extends Error {}

/** Checks an upload and stores its bytes. Gives up after repeated failures or crashes. */
export async function checkUpload(
  stores: Stores,
  row: AttachmentRow,
  upload: UploadHead,
): Promise<Outcome<CheckedObject>> {
  const { attachment_id } = row;
  try {
    if (!(await beginCheck(stores.db, attachment_id)))
      throw new BadBytes("The upload could not be checked: upload the file again");
    const image = await check(stores.bucket, row, upload);
    return found(await keep(stores.bucket, row, upload, image));
  } catch (error) {
    if (!(error instanceof BadBytes)) throw error;
    await checkAttachment(stores.db, attachment_id, Date.now());
    await deleteObjects(stores.bucket, [uploadKey(row)]);
    return refused("INVALID_ATTACHMENT", error.message, { attachment_id });
  }
}

/**
 * @returns what was found in an image.
 * @throws BadBytes
 */
async function check(
  bucket: R2Bucket,
  row: AttachmentRow,
  upload: UploadHead,
): Promise<ExaminedImage | undefined> {
  if (upload.size !== row.file_size && upload.size !== row.clean_size) {
    throw new BadBytes(`The upload has ${upload.size} bytes instead of ${row.file_size}`);
  }
  // A `file` is only ever downloaded, so it may be anything.
  if (row.type === "file") return undefined;
  if (!agrees(row.mime_type, await detectType(upload.head))) {
    throw new BadBytes(`The uploaded bytes are not ${row.mime_type}`);
  }
  if (row.type !== "image") return undefined;
  try {
    const body = await bodyOf(bucket, row, upload);
    const image = await examineImage(row.mime_type, body, upload.size);
    if (image.maxPixels > MAX_IMAGE_PIXELS)
      throw new BadBytes(`The image has more than ${MAX_IMAGE_PIXELS} pixels`);
    return image;
  } catch (error) {
    if (error instanceof BrokenImage) throw new BadBytes(`The image cannot be read: ${error.message}`);
    throw error;
  }
}

/** Copies the checked bytes, unless a parallel check of the same upload was faster. */
async function keep(
  bucket: R2Bucket,
  row: AttachmentRow,
  upload: UploadHead,
  image: ExaminedImage | undefined,
): Promise<CheckedObject> {
  const key = checkedKey(row);
  const body = await bodyOf(bucket, row, upload);
  const { mime_type } = row;
  const written = image?.changed
    ? await writeCheckedPieces(bucket, key, cleanImage(mime_type, body, image), { ...image, mime_type })
    : await writeChecked(bucket, key, body, { ...image, mime_type });
  const kept = written ?? (await readChecked(bucket, key));
  if (!kept) throw new Error("what was checked is gone");
  await forget(bucket, uploadKey(row));
  return kept;
}

/** Deletes an upload that was copied. If that fails, the collector does it. */
async function forget(bucket: R2Bucket, key: string): Promise<void> {
  try {
    await deleteObjects(bucket, [key]);
  } catch (error) {
    log("warn", "attachments.not_deleted", { count: 1, ...errorFields(error) });
  }
}

async function bodyOf(
  bucket: R2Bucket,
  row: AttachmentRow,
  { etag }: UploadHead,
): Promise<ReadableStream<Uint8Array>> {
  const body = await readBody(bucket, uploadKey(row), etag);
  if (!body) throw new Error("the upload changed while it was checked");
  return body;
}
