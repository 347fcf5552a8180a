/** What the parts of the system tell each other about attachments. */
import {
  type Attachment,
  attachmentUrl,
  conversationOfAttachment,
  type SendMessage,
} from "@rocket-chat-api/protocol";
import type { Outcome } from "./outcome.ts";

/** An attachment as a message keeps it. */
export interface StoredAttachment extends Omit<Attachment, "url"> {
  /** Of the bytes that were checked. No others are ever served under this attachment. */
  etag: string;
  /** Where those bytes are in the bucket; absent in messages from before checked bytes got an object of their own. */
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

/** Who looks after files on behalf of the conversations, so that no conversation waits for the reading of bytes. */
export interface AttachmentService {
  /** Checks uploads against what was promised of them; the answer is in the order of the claim. */
  confirm(claim: AttachmentClaim): Promise<Outcome<StoredAttachment[]>>;
  /** Deletes the bytes of attachments that nobody may see any more. */
  discard(keys: string[]): Promise<void>;
}

/** What the directory learns of an attachment that a message has, or had. */
export interface AttachmentMark {
  attachment_id: string;
  state: "bound" | "deleted";
}

/** The attachments that a client wants to send. */
export function attachmentIds(input: Pick<SendMessage, "attachment_id" | "attachment_ids">): string[] {
  return input.attachment_id ? [input.attachment_id] : (input.attachment_ids ?? []);
}

/** Where bytes were before they had names that cannot be guessed. */
export function guessableKey(attachmentId: string): string {
  return `${conversationOfAttachment(attachmentId)}/${attachmentId}`;
}

/** Where the bytes of a message's attachment are in the bucket. */
export function keyOf({ key, attachment_id }: StoredAttachment): string {
  return key ?? guessableKey(attachment_id);
}

/** An attachment as members see it. */
export function toAttachment({ etag: _, key: __, ...attachment }: StoredAttachment): Attachment {
  return { ...attachment, url: attachmentUrl(attachment.attachment_id) };
}
