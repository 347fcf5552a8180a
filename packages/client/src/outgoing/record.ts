/** One message on its way, as it is shown. Every change is a new object. */
import type { AttachmentType, Message, SendMessage } from "@rocket-chat-api/protocol";
import type { EpochMs } from "@rocket-chat-api/protocol/facts";
import type { OutboxEntry } from "../outbox.ts";
import { attachmentType, type UploadFile, type UploadOptions } from "../upload/upload.ts";

/** A file to send, with what is known of its media. */
export interface OutgoingFile extends Omit<UploadOptions, "onProgress" | "signal"> {
  readonly file: UploadFile;
}

export interface OutgoingMessage {
  /** The key of the message, now and when it is there. */
  readonly client_message_id: string;
  readonly conversation_id: string;
  readonly data: SendMessage;
  /** When it was written, by this machine's clock. */
  readonly queued_at: EpochMs;
  /**
   * `uploading`: its files are on their way. `sending`: it waits for the server, or for a connection. `sent`: the server has
   * it; the conversation's state will in a moment. `failed`: it was refused, see `error`.
   */
  readonly state: "uploading" | "sending" | "sent" | "failed";
  /** What was thrown, of a failed one. */
  readonly error?: unknown;
  /** The part of all files that is uploaded, from 0 to 1; 1 without files. */
  readonly progress: number;
  readonly files: readonly OutgoingFile[];
  /** The message as the server has it, of a sent one. */
  readonly message?: Message;
}

/** The store of this device has kept the message, but not its file: the file must be chosen again. */
export class FileNotKept extends Error {
  override readonly name = "FileNotKept";

  constructor(fileName: string) {
    super(`the file ${fileName} was not kept while the application was closed: choose it again`);
  }
}

/** The message that an entry of the outbox is. */
export function recordOf(entry: OutboxEntry, files: readonly OutgoingFile[] = []): OutgoingMessage {
  const { client_message_id, conversation_id, data, queued_at } = entry;
  const state = files.length > 0 ? "uploading" : "sending";
  const progress = files.length > 0 ? 0 : 1;
  return { client_message_id, conversation_id, data, queued_at, state, progress, files };
}

/** The entry of the outbox that a message becomes. */
export function entryOf({
  client_message_id,
  conversation_id,
  data,
  queued_at,
}: OutgoingMessage): OutboxEntry {
  return { client_message_id, conversation_id, data, queued_at };
}

/** The type of a message with these files: that of all of them, or `file` where they differ (rule 26). */
export function typeOf(files: readonly OutgoingFile[]): AttachmentType {
  const types = new Set(files.map((one) => one.attachment_type ?? attachmentType(one.file)));
  const [only = "file"] = types;
  return types.size === 1 ? only : "file";
}
