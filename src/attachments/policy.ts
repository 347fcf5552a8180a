/** Decides which files may be uploaded, by media type and size. */
import { type AttachmentType, type Failure, failure, type RequestUpload } from "@rocket-chat-api/protocol";

interface MediaType {
  /** The attachment type that these files can be sent as, besides `file`. */
  shown_as: Exclude<AttachmentType, "file">;
  /** Types that the `file-type` library may detect for them. */
  bytes: readonly string[];
}

/**
 * Types that can be detected from their bytes. Images, video and audio are shown inline, so nothing in them may run: no
 * SVG. No HEIC either, because few browsers show it; phones convert it.
 */
const MEDIA_TYPES: Readonly<Record<string, MediaType>> = {
  "image/jpeg": { shown_as: "image", bytes: ["image/jpeg"] },
  "image/png": { shown_as: "image", bytes: ["image/png", "image/apng"] },
  "image/gif": { shown_as: "image", bytes: ["image/gif"] },
  "image/webp": { shown_as: "image", bytes: ["image/webp"] },
  // The first brand may be HEIF. The AVIF reader looks for its own brand among the others.
  "image/avif": { shown_as: "image", bytes: ["image/avif", "image/heif"] },
  "video/mp4": { shown_as: "video", bytes: ["video/mp4", "video/x-m4v", "video/3gpp", "video/3gpp2"] },
  "video/webm": { shown_as: "video", bytes: ["video/webm"] },
  "video/quicktime": { shown_as: "video", bytes: ["video/quicktime"] },
  "audio/mpeg": { shown_as: "audio", bytes: ["audio/mpeg"] },
  // Recorders use the same container for audio and video.
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

/** Maximum bytes of an attachment, by type. */
type MaxBytes = Readonly<Record<AttachmentType, number>>;

/** Media types for an attachment type; undefined means any. */
function allowedTypes(type: AttachmentType): string[] | undefined {
  if (type === "file") return undefined;
  return Object.keys(MEDIA_TYPES).filter((mime) => MEDIA_TYPES[mime]?.shown_as === type);
}

/** Why a file may not be uploaded, or undefined. @param request its `mime_type` as {@link mediaType} returns it. */
export function checkUpload(
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
 * Whether the bytes of an inline attachment have the promised type. A `file` is not checked, because it is only ever
 * downloaded without a type.
 * @param detected the type of the bytes; undefined if unknown.
 */
export function agrees(mimeType: string, detected: string | undefined): boolean {
  return detected !== undefined && (MEDIA_TYPES[mimeType]?.bytes.includes(detected) ?? false);
}

/** Whether a browser may show the file inline. */
export function isInline(attachment: { type: AttachmentType; mime_type: string }): boolean {
  return attachment.type !== "file" && MEDIA_TYPES[attachment.mime_type]?.shown_as === attachment.type;
}
