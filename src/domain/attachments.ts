/** Attachments, as conversations, the directory and the attachment service know them. */
import {
  type Attachment,
  attachmentUrl,
  conversationOfAttachment,
  type SendMessage,
} from "@rocket-chat-api/protocol";
import type { Outcome } from "./outcome.ts";
import type { EpochMs } from "./time.ts";

/** An attachment as a message stores it. */
export interface StoredAttachment extends Omit<Attachment, "url" | "signed_url" | "signed_url_expires_at"> {
  /** The etag of the checked bytes. No other bytes are served for this attachment. */
  etag: string;
  /** The key of the checked bytes in the bucket. Absent in old messages, whose bytes were not copied. */
  key?: string;
}

/** Uploads that a user wants to send in one message. */
export interface AttachmentClaim {
  conversation_id: string;
  user_id: string;
  /** The message's type; `file` takes attachments of any type. */
  type: "image" | "video" | "audio" | "file";
  attachment_ids: string[];
}

/** Reads and deletes files for conversations, so that no conversation waits while bytes are read. */
export interface AttachmentService {
  /** Checks uploads against their upload requests. The results are in the order of the claim. */
  confirm(claim: AttachmentClaim): Promise<Outcome<StoredAttachment[]>>;
  /** Deletes the bytes of attachments that no message shows any more. */
  discard(keys: string[]): Promise<void>;
}

/** Tells the directory whether a message shows an attachment. */
export interface AttachmentMark {
  attachment_id: string;
  state: "bound" | "deleted";
  /** What a message shows of it, for a directory that has lost the upload. */
  shown?: ShownUpload;
}

/** An upload as a message knows it. */
export interface ShownUpload extends Omit<Attachment, "url"> {
  uploader_id: string;
  created_at: EpochMs;
  /** The random part of its key; null if it has none. */
  key_token: string | null;
}

/** The ids of the attachments in a send. */
export function attachmentIds(input: Pick<SendMessage, "attachment_id" | "attachment_ids">): string[] {
  return input.attachment_id ? [input.attachment_id] : (input.attachment_ids ?? []);
}

/** The key of bytes from before keys were random. */
export function guessableKey(attachmentId: string): string {
  return `${conversationOfAttachment(attachmentId)}/${attachmentId}`;
}

/** The key of an attachment's bytes in the bucket. */
export function keyOf({ key, attachment_id }: StoredAttachment): string {
  return key ?? guessableKey(attachment_id);
}

/** An attachment as members see it. Links are signed where REST answers (`routes/message-links.ts`). */
export function toAttachment({ key: _, ...attachment }: StoredAttachment): Attachment {
  return { ...attachment, url: attachmentUrl(attachment.attachment_id) };
}
