/**
 * Keys of attachments in the bucket. An upload has a key that is in a signed URL, and its client can write to it until
 * the URL expires. Checked bytes are copied to a second key, which is in no URL. Both contain 128 random bits, so
 * nobody can guess a key, for example as the source of a copy.
 */

import { guessableKey } from "../domain/attachments.ts";
import type { EpochMs } from "../domain/time.ts";

/** The data that keys are made from. */
export interface NamedUpload {
  attachment_id: string;
  created_at: number;
  /** Null for uploads from before keys were random. */
  key_token: string | null;
}

/** The prefix of uploads. The oldest hour is listed first. */
export const UPLOADS = "uploads/";
/** Hex characters of each of the two random parts: 16 bytes. */
const HALF = 32;

/** The random parts of a new upload's keys. */
export function newKeyToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(HALF));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The hour of an upload, such as `2026-11-23T14`. */
function hourOf(ms: EpochMs): string {
  return new Date(ms).toISOString().slice(0, "2026-11-23T14".length);
}

/** The key that a client uploads to. */
export function uploadKey({ attachment_id, created_at, key_token }: NamedUpload): string {
  if (key_token === null) return guessableKey(attachment_id);
  return `${UPLOADS}${hourOf(created_at)}/${attachment_id}/${key_token.slice(0, HALF)}`;
}

/** The key of the checked bytes. */
export function checkedKey({ attachment_id, key_token }: NamedUpload): string {
  return `${guessableKey(attachment_id)}/${key_token?.slice(HALF) ?? "checked"}`;
}

/** Whether the key of an upload is from before this time. */
export function isUploadedBefore(key: string, ms: EpochMs): boolean {
  return key.startsWith(UPLOADS) && key.slice(UPLOADS.length) < hourOf(ms);
}
