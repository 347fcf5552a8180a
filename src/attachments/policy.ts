/** What may be uploaded: one table of media types, and the sizes of the settings. Pure. */
import { type AttachmentType, type Failure, failure, type RequestUpload } from "@rocket-chat-api/protocol";

interface MediaType {
  /** The attachment type that such files may be sent as, besides `file`. */
  shown_as: Exclude<AttachmentType, "file">;
  /** What the `file-type` library may call their first bytes. */
  bytes: readonly string[];
}

/**
 * Types whose bytes we can tell. What is shown as image, video or audio is safe to show inline: nothing in it runs, so
 * no SVG. No HEIC either: few browsers show it, so a phone converts it.
 */
const MEDIA_TYPES: Readonly<Record<string, MediaType>> = {
  "image/jpeg": { shown_as: "image", bytes: ["image/jpeg"] },
  "image/png": { shown_as: "image", bytes: ["image/png", "image/apng"] },
  "image/gif": { shown_as: "image", bytes: ["image/gif"] },
  "image/webp": { shown_as: "image", bytes: ["image/webp"] },
  // A brand of HEIF may come first; the reader of images looks for AVIF's among the others.
  "image/avif": { shown_as: "image", bytes: ["image/avif", "image/heif"] },
  "video/mp4": { shown_as: "video", bytes: ["video/mp4", "video/x-m4v", "video/3gpp", "video/3gpp2"] },
  "video/webm": { shown_as: "video", bytes: ["video/webm"] },
  "video/quicktime": { shown_as: "video", bytes: ["video/quicktime"] },
  "audio/mpeg": { shown_as: "audio", bytes: ["audio/mpeg"] },
  // Recorders put sound alone into the same container as video.
  "audio/mp4": {
    shown_as: "audio",
    bytes: ["audio/mp4", "audio/x-m4a", "video/mp4", "video/3gpp", "video/3gpp2"],
  },
  "audio/webm": { shown_as: "audio", bytes: ["video/webm"] },
  "audio/aac": { shown_as: "audio", bytes: ["audio/aac"] },
  "audio/ogg": { shown_as: "audio", bytes: ["audio/ogg", "audio/ogg; codecs=opus"] },
  "audio/wav": { shown_as: "audio", bytes: ["audio/wav"] },
  "audio/flac": { shown_as: "audio", bytes: ["audio/flac"] },
};

/** Bytes that an attachment of each type may have. */
export type MaxBytes = Readonly<Record<AttachmentType, number>>;

/** The types that may be sent as an attachment type; undefined: any. */
function allowedTypes(type: AttachmentType): string[] | undefined {
  if (type === "file") return undefined;
  return Object.keys(MEDIA_TYPES).filter((mime) => MEDIA_TYPES[mime]?.shown_as === type);
}

/** Why this file may not be uploaded, or undefined. @param request its `mime_type` as {@link mediaType} names it. */
export function refuseUpload(
  request: Pick<RequestUpload, "attachment_type" | "mime_type" | "file_size">,
  maxBytes: MaxBytes,
): Failure | undefined {
  const { attachment_type, mime_type, file_size } = request;
  const allowed = allowedTypes(attachment_type);
  if (allowed && !allowed.includes(mime_type)) {
    const message = `${mime_type} cannot be sent as ${attachment_type}`;
    return failure("INVALID_ATTACHMENT", message, { allowed_types: allowed });
  }
  const max_size = maxBytes[attachment_type];
  if (file_size > max_size)
    return failure("INVALID_ATTACHMENT", `The file is larger than ${max_size} bytes`, { max_size });
  return undefined;
}

/**
 * Whether the bytes of something that is shown are of the type that was promised. What is sent as a `file` is not asked:
 * it is only ever downloaded, as bytes of no type.
 * @param detected what the bytes look like; undefined: like nothing in particular.
 */
export function agrees(mimeType: string, detected: string | undefined): boolean {
  return detected !== undefined && (MEDIA_TYPES[mimeType]?.bytes.includes(detected) ?? false);
}

/** Whether a browser may show the file in place. */
export function isInline(attachment: { type: AttachmentType; mime_type: string }): boolean {
  return attachment.type !== "file" && MEDIA_TYPES[attachment.mime_type]?.shown_as === attachment.type;
}
