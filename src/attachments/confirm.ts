/** Checks uploads against what was promised of them, before a message may show them (rule 26). */

import {
  type AttachmentRow,
  findAttachments,
  refuseAttachment,
  setCleanSize,
} from "../directory/attachments.ts";
import type { Directory } from "../directory/database.ts";
import type { AttachmentClaim, StoredAttachment } from "../domain/attachments.ts";
import { found, type Outcome, refused } from "../domain/outcome.ts";
import { MAX_IMAGE_PIXELS } from "../protocol/index.ts";
import { detectType, imagePixels, type Pixels } from "./content.ts";
import { JpegCleaner, NotJpeg } from "./jpeg.ts";
import { agrees } from "./policy.ts";
import { deleteObjects, type ObjectHead, readBody, readHead, replace } from "./storage.ts";

/** Orientations that lie on their side: what is stored as width is shown as height. */
const FIRST_SIDEWAYS = 5;

interface Stores {
  db: Directory;
  bucket: R2Bucket;
}

/** What is wrong with an upload's bytes. They are deleted: other bytes need another upload. */
class BadBytes extends Error {}

/** Checks everything that a claim names; one that is refused refuses them all. */
export async function confirm(stores: Stores, claim: AttachmentClaim): Promise<Outcome<StoredAttachment[]>> {
  const rows = new Map(
    (await findAttachments(stores.db, claim.attachment_ids)).map((row) => [row.attachment_id, row]),
  );
  const claimed: AttachmentRow[] = [];
  for (const attachment_id of claim.attachment_ids) {
    const row = rows.get(attachment_id);
    const refusal = refuseClaim(claim, row);
    if (refusal || !row) return refused("INVALID_ATTACHMENT", refusal, { attachment_id });
    claimed.push(row);
  }
  const outcomes = await Promise.all(claimed.map((row) => confirmOne(stores, row)));
  const bad = outcomes.find((outcome) => !outcome.ok);
  if (bad) return bad;
  return found(outcomes.flatMap((outcome) => (outcome.ok ? [outcome.body] : [])));
}

/** Why this upload is not for this message. What somebody else uploaded does not exist for the one who asks. */
function refuseClaim(claim: AttachmentClaim, row: AttachmentRow | undefined): string | undefined {
  const theirs = row?.uploader_id === claim.user_id && row.conversation_id === claim.conversation_id;
  if (!row || !theirs) return "The attachment does not exist";
  if (row.state === "bound") return "The attachment was sent before";
  if (row.state !== "pending") return "The attachment is no longer there: upload it again";
  if (claim.type !== "file" && claim.type !== row.type) {
    return `The attachment is of type ${row.type}, the message of type ${claim.type}`;
  }
  return undefined;
}

async function confirmOne(stores: Stores, row: AttachmentRow): Promise<Outcome<StoredAttachment>> {
  const { attachment_id } = row;
  const object = await readHead(stores.bucket, attachment_id);
  if (!object) return refused("INVALID_ATTACHMENT", "The attachment was not uploaded", { attachment_id });
  try {
    return found(await check(stores, row, object));
  } catch (error) {
    if (!(error instanceof BadBytes)) throw error;
    await refuseAttachment(stores.db, attachment_id);
    await deleteObjects(stores.bucket, [attachment_id]);
    return refused("INVALID_ATTACHMENT", error.message, { attachment_id });
  }
}

async function check(stores: Stores, row: AttachmentRow, object: ObjectHead): Promise<StoredAttachment> {
  if (object.size !== row.file_size && object.size !== row.clean_size) {
    throw new BadBytes(`The upload has ${object.size} bytes instead of ${row.file_size}`);
  }
  const detected = await detectType(object.head);
  if (!agrees(row.mime_type, detected)) throw new BadBytes(`The upload is not ${row.mime_type}`);
  // What is only downloaded stays as it is, to the byte.
  if (row.type !== "image") return describe(row, object, { width: row.width, height: row.height });
  if (row.mime_type === "image/jpeg") return await cleanJpeg(stores, row, object);
  return describe(row, object, requirePixels(imagePixels(object.head)));
}

function requirePixels(pixels: Pixels | undefined): Pixels {
  if (!pixels) throw new BadBytes("The image cannot be read");
  if (pixels.width * pixels.height > MAX_IMAGE_PIXELS) throw new BadBytes("The image has too many pixels");
  return pixels;
}

/** Cuts out what the camera noted. The picture is read once to know what will be left, and again only to cut. */
async function cleanJpeg(stores: Stores, row: AttachmentRow, object: ObjectHead): Promise<StoredAttachment> {
  const { cleaner, size } = await measure(await bodyOf(stores, row, object.etag));
  const { width, height, orientation } = cleaner;
  const pixels = requirePixels(
    orientation >= FIRST_SIDEWAYS ? { width: height, height: width } : { width, height },
  );
  if (!cleaner.changed && size === object.size) return describe(row, object, pixels);
  // Before the bytes change: a retry after a crash must know the size that it finds.
  await setCleanSize(stores.db, row.attachment_id, size);
  const again = new JpegCleaner(await bodyOf(stores, row, object.etag));
  const etag = await replace(stores.bucket, { ...row, etag: object.etag }, again.pieces(), size);
  if (etag === undefined) throw new Error("the upload changed while it was checked");
  return describe(row, { etag, size }, pixels);
}

async function bodyOf(stores: Stores, row: AttachmentRow, etag: string): Promise<ReadableStream<Uint8Array>> {
  const body = await readBody(stores.bucket, row.attachment_id, etag);
  if (!body) throw new Error("the upload changed while it was checked");
  return body;
}

/** Reads a picture and keeps nothing of it. */
async function measure(body: ReadableStream<Uint8Array>): Promise<{ cleaner: JpegCleaner; size: number }> {
  const cleaner = new JpegCleaner(body);
  let size = 0;
  try {
    for await (const piece of cleaner.pieces()) size += piece.length;
  } catch (error) {
    if (error instanceof NotJpeg) throw new BadBytes(`The image cannot be read: ${error.message}`);
    throw error;
  }
  return { cleaner, size };
}

/** An upload as a message will keep it. */
function describe(
  row: AttachmentRow,
  object: { etag: string; size: number },
  pixels: { width: number | null; height: number | null },
): StoredAttachment {
  const { attachment_id, type, file_name, mime_type, duration, placeholder } = row;
  const { width, height } = pixels;
  return {
    attachment_id,
    type,
    file_name,
    mime_type,
    file_size: object.size,
    etag: object.etag,
    ...(width === null ? {} : { width }),
    ...(height === null ? {} : { height }),
    ...(duration === null ? {} : { duration }),
    ...(placeholder === null ? {} : { placeholder }),
  };
}
