import { conversationOfAttachment } from "../protocol/index.ts";

/** Where an attachment's bytes are in the bucket. It follows from the id, so nothing has to be looked up. */
export function objectKey(attachmentId: string): string {
  return `${conversationOfAttachment(attachmentId)}/${attachmentId}`;
}
