/** Permission to PUT one file into the bucket, by the S3 protocol: the same code in production and locally. */

import { UPLOAD_URL_TTL_SECONDS } from "@rocket-chat-api/protocol";
import { AwsV4Signer } from "aws4fetch";
import type { EpochMs } from "../domain/time.ts";
import type { StorageSettings } from "../settings.ts";
import { type NamedUpload, uploadKey } from "./object-key.ts";

/** What a presigned URL permits. */
export interface Upload extends NamedUpload {
  /** As the client wrote it, for that is what it will write again. */
  content_type: string;
  file_size: number;
}

/** The headers that a client sets by itself; `Content-Length` follows from the body. */
export function uploadHeaders({ content_type }: Pick<Upload, "content_type">): Record<string, string> {
  return { "Content-Type": content_type };
}

/**
 * Signs the upload of one file: these bytes in number, of this type, for a quarter of an hour. It may be used again in
 * that time: what was checked has been copied to another place by then.
 * @param origin where the client reached us: a local endpoint is a path there.
 * @param now milliseconds since 1970.
 */
export async function presignUpload(
  settings: StorageSettings,
  upload: Upload,
  origin: string,
  now: EpochMs,
): Promise<string> {
  const endpoint = new URL(settings.endpoint, origin).href.replace(/\/$/, "");
  const url = new URL(`${endpoint}/${settings.bucket}/${uploadKey(upload)}`);
  url.searchParams.set("X-Amz-Expires", String(UPLOAD_URL_TTL_SECONDS));
  const signer = new AwsV4Signer({
    method: "PUT",
    url: url.href,
    headers: { ...uploadHeaders(upload), "Content-Length": String(upload.file_size) },
    accessKeyId: settings.accessKeyId,
    secretAccessKey: settings.secretAccessKey,
    service: "s3",
    region: "auto",
    datetime: new Date(now).toISOString().replace(/[:-]|\.\d{3}/g, ""),
    signQuery: true,
    allHeaders: true,
  });
  const signed = await signer.sign();
  return signed.url.href;
}
