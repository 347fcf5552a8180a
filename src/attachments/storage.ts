/** Reads, writes and deletes attachments in R2. */
import { HEAD_BYTES } from "./content.ts";

/** Objects that one call can delete. */
const MAX_DELETE = 1000;

/** The start of an upload. */
export interface UploadHead {
  size: number;
  etag: string;
  head: Uint8Array;
}

/** Pixels of an image as shown. Absent for other files. */
export interface Pixels {
  width?: number;
  height?: number;
}

/** The object with checked bytes. */
export interface CheckedObject extends Pixels {
  size: number;
  etag: string;
}

/** Metadata stored with checked bytes. */
export interface Kept extends Pixels {
  mime_type: string;
}

/** Reads the start of an upload; undefined if nothing was uploaded. */
export async function readHead(bucket: R2Bucket, key: string): Promise<UploadHead | undefined> {
  const object = await bucket.get(key, { range: { offset: 0, length: HEAD_BYTES } });
  if (!object) return undefined;
  return { size: object.size, etag: object.etag, head: new Uint8Array(await object.arrayBuffer()) };
}

/** Reads an object if it still has this etag; undefined otherwise. */
export async function readBody(
  bucket: R2Bucket,
  key: string,
  etag: string,
): Promise<ReadableStream<Uint8Array> | undefined> {
  const object = await bucket.get(key, { onlyIf: { etagMatches: etag } });
  return object && "body" in object ? object.body : undefined;
}

/** Reads the metadata of checked bytes; undefined if there are none. */
export async function readChecked(bucket: R2Bucket, key: string): Promise<CheckedObject | undefined> {
  const object = await bucket.head(key);
  return object ? toChecked(object) : undefined;
}

function toChecked({ size, etag, customMetadata = {} }: R2Object): CheckedObject {
  const { width, height } = customMetadata;
  return width && height ? { size, etag, width: Number(width), height: Number(height) } : { size, etag };
}

/**
 * Writes checked bytes, unless there are some already.
 * @param body must have a known length.
 * @returns undefined if there were some.
 */
export async function writeChecked(
  bucket: R2Bucket,
  key: string,
  body: ReadableStream<Uint8Array>,
  { mime_type, width, height }: Kept,
): Promise<CheckedObject | undefined> {
  const object = await bucket.put(key, body, {
    httpMetadata: { contentType: mime_type },
    customMetadata: width && height ? { width: String(width), height: String(height) } : {},
    // Checked bytes are never overwritten.
    onlyIf: new Headers({ "If-None-Match": "*" }),
  });
  if (object) return toChecked(object);
  // A refused put does not read the body.
  await body.cancel().catch(() => undefined);
  return undefined;
}

/** Writes checked bytes that are generated in pieces. @param kept with the exact total size. */
export async function writeCheckedPieces(
  bucket: R2Bucket,
  key: string,
  pieces: AsyncIterable<Uint8Array>,
  kept: Kept & { size: number },
): Promise<CheckedObject | undefined> {
  const { readable, writable } = new FixedLengthStream(kept.size);
  const writer = writable.getWriter();
  const written = write(writer, pieces);
  // Awaited below. Until then a rejection must not count as unhandled.
  written.catch(() => undefined);
  let object: CheckedObject | undefined;
  try {
    object = await writeChecked(bucket, key, readable, kept);
  } finally {
    // A stream that is not read to its end would block the writer forever.
    if (!object) await writer.abort("not written").catch(() => undefined);
  }
  if (object) await written;
  return object;
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

/** Deletes objects. Missing ones are not an error. */
export async function deleteObjects(bucket: R2Bucket, keys: readonly string[]): Promise<void> {
  for (let i = 0; i < keys.length; i += MAX_DELETE) await bucket.delete(keys.slice(i, i + MAX_DELETE));
}
