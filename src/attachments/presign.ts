/** Presigns uploads with the S3 protocol. The same code runs in production and locally. */

import { UPLOAD_URL_TTL_SECONDS } from "@rocket-chat-api/protocol";
import { AwsV4Signer } from "aws4fetch";
import type { EpochMs } from "../domain/time.ts";
import type { StorageSettings } from "../settings.ts";
import { type NamedUpload, uploadKey } from "./object-key.ts";

/** The upload that a presigned URL permits. */
interface Upload extends NamedUpload {
  /** As the client wrote it, because its PUT will send the same text. */
  content_type: string;
  file_size: number;
}

/** The headers that a client must set. `Content-Length` follows from the body. */
export function uploadHeaders({ content_type }: Pick<Upload, "content_type">): Record<string, string> {
  return { "Content-Type": content_type };
}

/**
 * Signs the upload of one file with this size and type, valid for 15 minutes. The URL can be used again in that time,
 * which is harmless: checked bytes are copied to another key.
 * @param origin of the request; a local endpoint is a path there.
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
