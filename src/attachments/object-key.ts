/**
 * Where an attachment's bytes are in the bucket. An upload has a place of its own, which a signed URL names and its
 * client can write to until the URL expires. Bytes that were checked are copied to another, which no URL ever names. Both
 * have 128 random bits in their names, so nobody can name what they were not given, as the source of a copy for example.
 */

import { guessableKey } from "../domain/attachments.ts";
import type { EpochMs } from "../domain/time.ts";

/** What the names follow from. */
export interface NamedUpload {
  attachment_id: string;
  created_at: number;
  /** Null: the upload is from before names were random. */
  key_token: string | null;
}

/** Everything that was uploaded and not yet copied, oldest hour first. */
export const UPLOADS = "uploads/";
/** Characters of a token for each of the two names: 16 bytes in hexadecimal. */
const HALF = 32;

/** Random characters for the names of a new upload. */
export function newKeyToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(HALF));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The hour of an upload, such as `2026-11-23T14`. @param ms milliseconds since 1970. */
function hourOf(ms: EpochMs): string {
  return new Date(ms).toISOString().slice(0, "2026-11-23T14".length);
}

/** Where an upload is put. */
export function uploadKey({ attachment_id, created_at, key_token }: NamedUpload): string {
  if (key_token === null) return guessableKey(attachment_id);
  return `${UPLOADS}${hourOf(created_at)}/${attachment_id}/${key_token.slice(0, HALF)}`;
}

/** Where its bytes are once they are checked. */
export function checkedKey({ attachment_id, key_token }: NamedUpload): string {
  return `${guessableKey(attachment_id)}/${key_token?.slice(HALF) ?? "checked"}`;
}

/** Whether an upload's place is from before this time. @param ms milliseconds since 1970. */
export function isUploadedBefore(key: string, ms: EpochMs): boolean {
  return key.startsWith(UPLOADS) && key.slice(UPLOADS.length) < hourOf(ms);
}
