/** Attachments: the request for an upload, and a file as a message shows it (rule 26). */
import { z } from "zod";
import { CleanText, optional, Timestamp } from "./common.ts";
import { MAX_SEQ, messageId, parseMessageId } from "./ids.ts";
import {
  MAX_DURATION_SECONDS,
  MAX_FILE_NAME_LENGTH,
  MAX_PLACEHOLDER_LENGTH,
  MAX_SIDE_PIXELS,
} from "./limits.ts";
import { Uuid } from "./uuid.ts";

/** The upper half of the numbers in a conversation. No message gets this far, so an id tells messages and attachments apart. */
const FIRST_PLACE = (MAX_SEQ + 1) / 2;

/**
 * Makes the id of a new attachment: the conversation's key, a 1, and 47 random bits. So an attachment finds its
 * conversation without a lookup, as a message does.
 * @param random 6 random bytes.
 */
export function newAttachmentId(
  conversationId: string,
  random: Uint8Array = crypto.getRandomValues(new Uint8Array(6)),
): string {
  const value = random.reduce((sum, byte) => sum * 256 + byte, 0);
  return messageId(conversationId, FIRST_PLACE + (value % FIRST_PLACE));
}

/** The conversation that an attachment was made for; undefined if the UUID cannot be one of our attachments. */
export function conversationOfAttachment(id: string): string | undefined {
  const place = parseMessageId(id);
  return place && place.seq >= FIRST_PLACE ? place.conversation_id : undefined;
}

/** Where an attachment is fetched. */
export function attachmentUrl(id: string): string {
  return `/api/v1/attachments/${id}`;
}

/** What an attachment is shown as. `file` is anything, and only ever downloaded. */
export const AttachmentType = z.enum(["image", "video", "audio", "file"]);
export type AttachmentType = z.infer<typeof AttachmentType>;

/**
 * RFC 9110 §8.3.1: a type and a subtype, with or without parameters; and `codecs=vp9,opus` without quotes, as recorders
 * of browsers write it. No flag: the pattern is published, and a JSON Schema knows none. Spaces have one place each, so
 * no text takes long to refuse.
 */
const MIME_TYPE =
  /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]* *(?:; *(?:[A-Za-z0-9!#$%&'*+.^_`|~-]+=(?:[!#-:<-~]+|"(?:[ !#-[\]-~]|\\[ -~])*") *)?)*$/;
const MimeType = z
  .string()
  .max(255)
  .regex(MIME_TYPE, "must be a type and a subtype, such as image/jpeg or audio/webm;codecs=opus");

const Pixels = z.int().min(1).max(MAX_SIDE_PIXELS);

/** Base64 or base 83, which is what ThumbHash and BlurHash are written in. */
const Placeholder = z
  .string()
  .min(1)
  .max(MAX_PLACEHOLDER_LENGTH)
  .regex(/^[\w#$%*+,./:;=?@[\]^{|}~-]+$/, "must be a BlurHash, or a ThumbHash in base64");

const Duration = z.number().positive().max(MAX_DURATION_SECONDS);

const DURATION = { description: "Seconds, as given by the sender." };
const PLACEHOLDER = {
  description: "Shown until the image is loaded: a BlurHash or ThumbHash from the sender.",
};

/** The request for an upload URL. */
export const RequestUpload = z
  .object({
    conversation_id: Uuid,
    file_name: CleanText.pipe(
      z
        .string()
        .min(1)
        .max(4 * MAX_FILE_NAME_LENGTH),
    ).meta({
      description: "Folders, control characters and bidirectional marks are removed.",
    }),
    file_size: z.int().min(1).meta({ description: "Bytes, exactly." }),
    mime_type: MimeType.meta({
      description: "Aliases, capitals and parameters are accepted: `image/jpg` means `image/jpeg`.",
    }),
    attachment_type: AttachmentType,
    width: optional(Pixels),
    height: optional(Pixels),
    duration: optional(Duration).meta(DURATION),
    placeholder: optional(Placeholder).meta(PLACEHOLDER),
  })
  .meta({ id: "RequestUpload" });
export type RequestUpload = z.infer<typeof RequestUpload>;

/** Permission to upload one file. */
export const UploadPermission = z
  .strictObject({
    attachment_id: Uuid,
    upload_url: z.string().meta({ description: "The URL to PUT the bytes to." }),
    expires_in: z.int().meta({ description: "Seconds." }),
    headers: z.record(z.string(), z.string()).meta({
      description:
        "Headers to send with the PUT: the `Content-Type`, exactly as `mime_type` was written in the request. " +
        "`Content-Length` is signed too: the body must have exactly `file_size` bytes.",
    }),
    max_size: z.int().meta({ description: "The most bytes that a file of this type may have." }),
  })
  .meta({ id: "UploadPermission" });
export type UploadPermission = z.infer<typeof UploadPermission>;

/** A link to a file that anyone who has it may use until it ends. */
export const signedLinkShape = {
  signed_url: z.string().meta({
    description:
      "Fetch it without a token. It also ends when the message is deleted. For images `&w=` asks for a width in " +
      "pixels, where the deployment can resize.",
  }),
  signed_url_expires_at: Timestamp,
};

/** A file of a message. Answers of REST have a link in it; events have none, since nothing is signed for each of them. */
export const Attachment = z
  .strictObject({
    attachment_id: Uuid,
    type: AttachmentType,
    file_name: z.string(),
    mime_type: z.string(),
    file_size: z.int().meta({
      description: "Bytes as served. An image is smaller than the upload: its metadata is removed.",
    }),
    width: z.int().optional().meta({ description: "Pixels, as shown." }),
    height: z.int().optional().meta({ description: "Pixels, as shown." }),
    duration: Duration.optional().meta(DURATION),
    placeholder: Placeholder.optional().meta(PLACEHOLDER),
    url: z.string().meta({
      description: "A path on the host of the API, for members only. Send the same bearer token.",
    }),
    etag: z.string().meta({ description: "Of the bytes, as the header `ETag` has it. They never change." }),
    signed_url: signedLinkShape.signed_url.optional(),
    signed_url_expires_at: signedLinkShape.signed_url_expires_at.optional(),
  })
  .meta({
    id: "Attachment",
    examples: [
      {
        attachment_id: "0198a8c4-77de-8a01-b3c4-9f1c2ab47c05",
        type: "image",
        file_name: "photo.jpg",
        mime_type: "image/jpeg",
        file_size: 2_048_000,
        width: 1536,
        height: 2048,
        url: "/api/v1/attachments/0198a8c4-77de-8a01-b3c4-9f1c2ab47c05",
        etag: "9e107d9d372bb6826bd81d3542a419d6",
        signed_url:
          "https://chat.example.com/api/v1/attachments/0198a8c4-77de-8a01-b3c4-9f1c2ab47c05/file" +
          "?v=9e107d9d372bb6826bd81d3542a419d6&expires=1763289900&sig=2jmj7l5rSw0yVb_vlWAYkK_YBwk0123456789abcdef",
        signed_url_expires_at: "2025-11-16T10:45:00.000Z",
      },
    ],
  });
export type Attachment = z.infer<typeof Attachment>;

export const AttachmentParams = z.object({ attachment_id: Uuid });
