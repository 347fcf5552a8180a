/** Serves the bytes of an attachment to a user who may have them. */
import { create as contentDisposition } from "content-disposition";
import { keyOf, type StoredAttachment } from "../domain/attachments.ts";
import { log } from "../log.ts";
import { isInline } from "./policy.ts";
import { type ByteRange, isUnmodified, requestedRange } from "./range.ts";

/** How long clients may cache a file, in seconds. The bytes never change, but access can. */
const MAX_AGE = 3600;

/** How a file is served that came by a signed link. */
export interface LinkedFile {
  /** Seconds until the link ends. */
  secondsLeft: number;
  isDownload: boolean;
}

/** The response, or why there is none. */
type Served = Response | "unsatisfiable" | "missing";

/**
 * Answers GET or HEAD for an attachment, with a single range if requested. Streams the bytes.
 * @param link how, if it was asked for by a signed link; undefined for a member with a token.
 */
export async function serve(
  bucket: R2Bucket,
  attachment: StoredAttachment,
  request: Request,
  link?: LinkedFile,
): Promise<Served> {
  const headers = headersOf(attachment, link);
  if (isUnmodified(request.headers, attachment.etag)) return new Response(null, { status: 304, headers });
  const range = requestedRange(request.headers, attachment.file_size, attachment.etag);
  if (range === "unsatisfiable") return range;
  const object = await find(bucket, attachment, request.method, range);
  if (!object) return "missing";
  headers.set("Content-Length", String(range?.length ?? attachment.file_size));
  if (range) headers.set("Content-Range", contentRange(range, attachment.file_size));
  const body = "body" in object ? object.body : null;
  return new Response(body, { status: range ? 206 : 200, headers });
}

/** Finds the object, only if it has the checked bytes. */
async function find(
  bucket: R2Bucket,
  attachment: StoredAttachment,
  method: string,
  range: ByteRange | undefined,
): Promise<R2Object | R2ObjectBody | undefined> {
  const { attachment_id, etag } = attachment;
  const key = keyOf(attachment);
  const options = { onlyIf: { etagMatches: etag }, ...(range ? { range } : {}) };
  const object = await (method === "HEAD" ? bucket.head(key) : bucket.get(key, options));
  const pinned = object?.etag === etag && (method === "HEAD" || "body" in object);
  if (!pinned) log("error", "attachments.bytes_missing", { attachment_id, replaced: object !== null });
  return pinned ? object : undefined;
}

function contentRange({ offset, length }: ByteRange, size: number): string {
  return `bytes ${offset}-${offset + length - 1}/${size}`;
}

/** Response headers. Only checked media is shown inline. Everything else is a download. */
export function headersOf(attachment: StoredAttachment, link?: LinkedFile): Headers {
  const inline = isInline(attachment);
  const headers = new Headers({
    "Content-Type": inline ? attachment.mime_type : "application/octet-stream",
    "Content-Disposition": contentDisposition(attachment.file_name, {
      type: inline && !link?.isDownload ? "inline" : "attachment",
    }),
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": `private, max-age=${link ? Math.min(link.secondsLeft, MAX_AGE) : MAX_AGE}`,
    "Accept-Ranges": "bytes",
    ETag: `"${attachment.etag}"`,
  });
  // Pages of other origins show what a link gives; a page that can send the token reads it with `fetch`.
  if (link) headers.set("Cross-Origin-Resource-Policy", "cross-origin");
  else headers.set("Vary", "Authorization");
  return headers;
}
