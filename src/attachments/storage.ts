/** Attachments in R2: reading, replacing and deleting their bytes. */
import { HEAD_BYTES } from "./content.ts";
import { objectKey } from "./object-key.ts";

/** Objects that one call deletes, at most. */
const MAX_DELETE = 1000;

/** The beginning of an object. */
export interface ObjectHead {
  size: number;
  etag: string;
  head: Uint8Array;
}

/** Reads the beginning of an attachment; undefined if nothing was uploaded. */
export async function readHead(bucket: R2Bucket, attachmentId: string): Promise<ObjectHead | undefined> {
  const object = await bucket.get(objectKey(attachmentId), { range: { offset: 0, length: HEAD_BYTES } });
  if (!object) return undefined;
  return { size: object.size, etag: object.etag, head: new Uint8Array(await object.arrayBuffer()) };
}

/** The bytes of an attachment as they were when they had this etag; undefined if they no longer are. */
export async function readBody(
  bucket: R2Bucket,
  attachmentId: string,
  etag: string,
): Promise<ReadableStream<Uint8Array> | undefined> {
  const object = await bucket.get(objectKey(attachmentId), { onlyIf: { etagMatches: etag } });
  return object && "body" in object ? object.body : undefined;
}

/**
 * Puts other bytes in the place of an attachment's, unless these have changed meanwhile.
 * @param size bytes of `pieces`, exactly.
 * @returns the new etag, or undefined.
 */
export async function replace(
  bucket: R2Bucket,
  attachment: { attachment_id: string; mime_type: string; etag: string },
  pieces: AsyncIterable<Uint8Array>,
  size: number,
): Promise<string | undefined> {
  const { readable, writable } = new FixedLengthStream(size);
  const options = {
    httpMetadata: { contentType: attachment.mime_type },
    onlyIf: { etagMatches: attachment.etag },
  };
  const writer = writable.getWriter();
  const written = write(writer, pieces);
  const object = await bucket.put(objectKey(attachment.attachment_id), readable, options);
  // A refused put reads nothing, and the writer would wait for ever.
  if (!object) await writer.abort("refused").catch(() => undefined);
  await written.catch((error) => {
    if (object) throw error;
  });
  return object?.etag;
}

async function write(
  writer: WritableStreamDefaultWriter<Uint8Array>,
  pieces: AsyncIterable<Uint8Array>,
): Promise<void> {
  try {
    for await (const piece of pieces) await writer.write(piece);
    await writer.close();
  } catch (error) {
    await writer.abort(error).catch(() => undefined);
    throw error;
  }
}

/** Deletes the bytes of attachments; that there are none is no error. */
export async function deleteObjects(bucket: R2Bucket, attachmentIds: readonly string[]): Promise<void> {
  for (let i = 0; i < attachmentIds.length; i += MAX_DELETE) {
    await bucket.delete(attachmentIds.slice(i, i + MAX_DELETE).map(objectKey));
  }
}
