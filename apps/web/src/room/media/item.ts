/** The files of a message, there or on their way, as one kind of thing. */
import type { Attachment, AttachmentType } from "@rocket-chat-api/client";
import { attachmentType, type UploadFile } from "@rocket-chat-api/client/upload";
import type { ShownMessage } from "@rocket-chat-api/react";

/** A file as it is shown. */
export interface MediaItem {
  readonly key: string;
  /** Null while it is on its way. */
  readonly attachmentId: string | null;
  /** As the message has it, maybe with a link; null while it is on its way. */
  readonly attachment: Attachment | null;
  readonly type: AttachmentType;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly width: number | undefined;
  readonly height: number | undefined;
  /** Seconds. */
  readonly duration: number | undefined;
  readonly placeholder: string | undefined;
  /** The file itself, where it was sent from this page. */
  readonly file: File | undefined;
}

/** Files that were sent from this page, by message and place: their pictures need no download. */
const SENT = new Map<string, readonly File[]>();
/** No more messages are remembered. */
const MOST_SENT = 30;

function remember(key: string, files: readonly UploadFile[]): void {
  if (SENT.has(key)) return;
  SENT.set(
    key,
    files.flatMap((file) => (file instanceof File ? [file] : [])),
  );
  const [oldest] = SENT.keys();
  if (SENT.size > MOST_SENT && oldest !== undefined) SENT.delete(oldest);
}

/** The files of a message. */
export function itemsOf({ key, message, outgoing }: ShownMessage): MediaItem[] {
  const files = outgoing?.files ?? [];
  if (message.attachments.length === 0 && files.length > 0) {
    remember(
      key,
      files.map(({ file }) => file),
    );
    return files.map(({ file, width, height, duration, placeholder, attachment_type }, index) => ({
      key: `${key}-${index}`,
      attachmentId: null,
      attachment: null,
      type: attachment_type ?? attachmentType(file),
      name: file.name,
      size: file.size,
      width: width ?? undefined,
      height: height ?? undefined,
      duration: duration ?? undefined,
      placeholder: placeholder ?? undefined,
      file: SENT.get(key)?.[index],
    }));
  }
  return message.attachments.map((attachment, index) => ({
    key: `${key}-${index}`,
    attachmentId: attachment.attachment_id,
    attachment,
    type: attachment.type,
    name: attachment.file_name,
    size: attachment.file_size,
    width: attachment.width,
    height: attachment.height,
    duration: attachment.duration,
    placeholder: attachment.placeholder,
    file: SENT.get(key)?.[index],
  }));
}
