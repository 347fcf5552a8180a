/** A file on its way to the storage. */
import type { AttachmentType, RequestUpload, UploadPermission } from "@rocket-chat-api/protocol";
import { DEFAULT_BACKOFF, pause, pauseAfter } from "../backoff.ts";
import type { UploadClient } from "./host.ts";
import { abortOf, put, UploadFailed } from "./put.ts";

/** A file: a `File` of the browser, or in React Native what a picker returns: `{ uri, name, size, type }`. */
export interface UploadFile {
  readonly name: string;
  /** Bytes, exactly. */
  readonly size: number;
  /** The MIME type. Empty is unknown. */
  readonly type: string;
}

/** What is known of the media, how far it is, and what ends it. */
export interface UploadOptions
  extends Partial<Pick<RequestUpload, "attachment_type" | "width" | "height" | "duration" | "placeholder">> {
  /** Called with the part that is sent, from 0 to 1. */
  onProgress?: (part: number) => void;
  signal?: AbortSignal;
}

/** How often the bytes are sent before the upload fails. */
const ATTEMPTS = 3;
const UNKNOWN_TYPE = "application/octet-stream";
const IMAGES = /^image\/(jpe?g|png|gif|webp|avif)$/;
const VIDEOS = /^video\/(mp4|webm|quicktime)$/;

/** What a file is shown as: what the service does not show as an image, video or audio is a `file`. */
export function attachmentType({ type }: Pick<UploadFile, "type">): AttachmentType {
  const [mime = ""] = type.toLowerCase().split(";");
  if (IMAGES.test(mime.trim())) return "image";
  if (VIDEOS.test(mime.trim())) return "video";
  return mime.startsWith("audio/") ? "audio" : "file";
}

/**
 * Uploads a file for one conversation. It waits there for a message for a day.
 * @returns its `attachment_id`. @throws ApiError if the service refuses it, UploadFailed if the storage does,
 *   ConnectionLost without an answer, and what the signal says when it ends it.
 */
export async function upload(
  client: UploadClient,
  conversationId: string,
  file: UploadFile,
  { onProgress = () => undefined, signal, attachment_type, ...media }: UploadOptions = {},
): Promise<string> {
  const mime_type = file.type === "" ? UNKNOWN_TYPE : file.type;
  const body = {
    conversation_id: conversationId,
    file_name: file.name,
    file_size: file.size,
    mime_type,
    attachment_type: attachment_type ?? attachmentType(file),
    ...media,
  };
  onProgress(0);
  const path = "/messages/attachments/upload-url";
  const asked = signal ? { body, signal } : { body };
  const { attachment_id, upload_url, headers } = await client.rest.http.request<UploadPermission>(
    "POST",
    path,
    asked,
  );
  for (let attempt = 1; ; attempt++) {
    if (signal?.aborted) throw abortOf(signal);
    try {
      await put({ url: upload_url, headers, body: file, signal, onProgress });
      return attachment_id;
    } catch (error) {
      const mayPass = error instanceof UploadFailed && (error.status === 0 || error.status >= 500);
      if (!mayPass || attempt === ATTEMPTS || signal?.aborted) throw error;
      await pause(pauseAfter(attempt, DEFAULT_BACKOFF), signal);
    }
  }
}
