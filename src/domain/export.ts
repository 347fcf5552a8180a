/** Export of a person: what conversations are asked, and what a line of the files holds (docs/export.md). */

import type { Attachment, UserExport } from "@rocket-chat-api/protocol";

/** Which page of a conversation. */
export interface ExportQuery {
  user_id: string;
  /** Places up to here are exported; 0 at the beginning, where the membership comes first. */
  after: number;
}

/** One line. `record` says what it is. */
export interface ExportRecord {
  record: ExportRecordType;
  [field: string]: unknown;
}

export type ExportRecordType =
  | "profile"
  | "restriction"
  | "device"
  | "push_log"
  | "push_preferences"
  | "block"
  | "preference"
  | "report"
  | "notice"
  | "upload"
  | "membership"
  | "message"
  | "reaction"
  | "receipt"
  | "hidden_message";

/** A page, and where the next one begins; null at the end. */
export interface ExportedPage {
  records: ExportRecord[];
  next: number | null;
}

/** The version of the format of the files. It rises when a field is taken away or changes its meaning. */
export const EXPORT_VERSION = 1;

/** How long the files of an export are kept, in milliseconds: a week. */
export const EXPORT_TTL_MS = 7 * 86_400_000;

/** An attachment in a page: with the etag, which a link is made of. */
export interface ExportedAttachment extends Attachment {
  etag: string;
}

/** What an export has brought, as its job keeps it: links are made when they are asked for. */
export type StoredExport = Pick<UserExport, "user_id" | "expires_at" | "counts"> & {
  files: { name: string; size: number; records: number }[];
};
