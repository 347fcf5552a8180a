/**
 * Files: `@rocket-chat-api/client/upload`.
 *
 * ```ts
 * const attachment_id = await upload(client, conversationId, file, { onProgress: (part) => bar.set(part) });
 * await client.send(conversationId, { type: attachmentType(file), attachment_id });
 * image.src = await new AttachmentUrls(client).get(message.attachments[0]);
 * ```
 *
 * A file takes three steps: a place is asked for, the bytes go there, and a message carries the id. {@link upload} does the
 * first two; `Outgoing` of `@rocket-chat-api/client/outgoing` does all three.
 */

export type { UploadClient } from "./upload/host.ts";
export { UploadFailed } from "./upload/put.ts";
export {
  attachmentType,
  type UploadFile,
  type UploadOptions,
  upload,
} from "./upload/upload.ts";
export { AttachmentUrls, type LinkedAttachment } from "./upload/urls.ts";
