/** Uploads in the directory: who may send which, and which are to be deleted. */

import { MAX_PENDING_UPLOADS, UPLOAD_URL_TTL_SECONDS } from "@rocket-chat-api/protocol";
import { and, eq, inArray, lt, lte, ne, type SQL, sql } from "drizzle-orm";
import type { AttachmentMark } from "../domain/attachments.ts";
import type { EpochMs } from "../domain/time.ts";
import { dayOf } from "../domain/upload-quota.ts";
import { type Directory, runBatch } from "./database.ts";
import { attachments } from "./schema.ts";

export type AttachmentRow = typeof attachments.$inferSelect;
export type NewUpload = Omit<AttachmentRow, "clean_size" | "state" | "due_at" | "checks">;

/** How long an upload can be sent, in milliseconds. */
export const UNSENT_TTL_MS = 24 * 3600 * 1000;
/**
 * Delay before the bytes of an expired or refused upload are deleted, in milliseconds. Sends that started before have
 * finished by then.
 */
const GRACE_MS = 15 * 60 * 1000;
/** Time after which an upload URL has expired and the slowest upload with it has ended, in milliseconds. */
const URL_LIFE_MS = (UPLOAD_URL_TTL_SECONDS + 3600) * 1000;
/** Delay before a failed deletion is tried again, in milliseconds. */
const RETRY_MS = 3600 * 1000;
/** How often the bytes of one upload are checked. Once is enough, unless a check fails or is interrupted. */
const MAX_CHECKS = 8;

/** A list of ids as one parameter, because a statement takes at most 100. */
function oneOf(ids: readonly string[]): SQL {
  return sql`(SELECT value FROM json_each(${JSON.stringify(ids)}))`;
}

/** The limit that an uploader has reached: unsent uploads, or bytes of this day. */
export type TooMuch = { kind: "unsent" } | { kind: "bytes"; used: number };

/**
 * Stores an upload before it is permitted, and counts its bytes for the day. Does both or neither.
 * @returns undefined, or the limit that was reached.
 */
export async function addUpload(
  db: Directory,
  upload: NewUpload,
  maxBytesPerDay: number,
): Promise<TooMuch | undefined> {
  const { attachment_id, uploader_id, file_size } = upload;
  const day = dayOf(upload.created_at);
  // Clocks differ slightly, so bytes that were counted for tomorrow also count for today.
  const used = sql`coalesce((SELECT bytes FROM upload_quotas WHERE user_id = ${uploader_id} AND day >= ${day}), 0)`;
  const unsent = sql`(SELECT count(*) FROM attachments WHERE uploader_id = ${uploader_id} AND state = 'pending')`;
  const fits = sql`${unsent} < ${MAX_PENDING_UPLOADS} AND ${used} + ${file_size} <= ${maxBytesPerDay}`;
  const [added = [], [before] = []] = await runBatch(db, [
    insertUpload(upload, fits),
    sql`SELECT ${unsent} AS unsent, ${used} AS used`,
    sql`INSERT INTO upload_quotas (user_id, day, bytes) SELECT ${uploader_id}, ${day}, ${file_size}
      WHERE EXISTS (SELECT 1 FROM attachments WHERE attachment_id = ${attachment_id})
      ON CONFLICT (user_id) DO UPDATE SET day = max(day, excluded.day),
        bytes = CASE WHEN day >= excluded.day THEN bytes ELSE 0 END + excluded.bytes`,
  ]);
  if (added.length > 0) return undefined;
  return Number(before?.unsent) >= MAX_PENDING_UPLOADS
    ? { kind: "unsent" }
    : { kind: "bytes", used: Number(before?.used) };
}

function insertUpload(upload: NewUpload, condition: SQL): SQL {
  const due_at = upload.created_at + UNSENT_TTL_MS;
  return sql`
    INSERT INTO attachments (attachment_id, conversation_id, uploader_id, type, file_name, mime_type, file_size,
      width, height, duration, placeholder, created_at, state, due_at, key_token)
    SELECT ${upload.attachment_id}, ${upload.conversation_id}, ${upload.uploader_id}, ${upload.type},
      ${upload.file_name}, ${upload.mime_type}, ${upload.file_size}, ${upload.width}, ${upload.height},
      ${upload.duration}, ${upload.placeholder}, ${upload.created_at}, 'pending', ${due_at}, ${upload.key_token}
    WHERE ${condition}
    RETURNING attachment_id`;
}

/** Finds the uploads that exist among these ids. */
export async function findAttachments(db: Directory, ids: readonly string[]): Promise<AttachmentRow[]> {
  return await db
    .select()
    .from(attachments)
    .where(inArray(attachments.attachment_id, oneOf(ids)));
}

/** Records the start of a check of an upload. @returns false after too many unfinished checks. */
export async function beginCheck(db: Directory, id: string): Promise<boolean> {
  const begun = await db
    .update(attachments)
    .set({ checks: sql`${attachments.checks} + 1` })
    .where(and(eq(attachments.attachment_id, id), lt(attachments.checks, MAX_CHECKS)))
    .returning({ id: attachments.attachment_id });
  return begun.length > 0;
}

/** Marks an upload whose bytes were refused. */
export async function checkAttachment(db: Directory, id: string, now: EpochMs): Promise<void> {
  const due_at = sql`max(${attachments.created_at} + ${URL_LIFE_MS}, ${now + GRACE_MS})`;
  await db
    .update(attachments)
    .set({ state: "deleted", due_at })
    .where(and(eq(attachments.attachment_id, id), eq(attachments.state, "pending")));
}

/** The statement of a conversation's flush that records which attachments its messages show or no longer show. */
export function markStatement(conversationId: string, marks: readonly AttachmentMark[]): SQL {
  return sql`
    UPDATE attachments SET state = mark.value->>'state',
      due_at = CASE mark.value->>'state' WHEN 'deleted' THEN created_at + ${URL_LIFE_MS} END
    FROM json_each(${JSON.stringify(marks)}) AS mark
    WHERE attachments.attachment_id = mark.value->>'attachment_id'
      AND attachments.conversation_id = ${conversationId} AND attachments.state <> 'deleted'`;
}

/** Expires uploads that were not sent in time. They can no longer be sent. */
export async function expireUploads(db: Directory, now: EpochMs, limit: number): Promise<void> {
  const overdue = sql`(SELECT attachment_id FROM attachments WHERE due_at <= ${now} AND state = 'pending'
    ORDER BY due_at LIMIT ${limit})`;
  await db
    .update(attachments)
    .set({ state: "expired", due_at: now + GRACE_MS })
    .where(inArray(attachments.attachment_id, overdue));
}

/** The attachments to delete, longest due first. */
export async function dueAttachments(db: Directory, now: EpochMs, limit: number): Promise<AttachmentRow[]> {
  return await db
    .select()
    .from(attachments)
    .where(and(lte(attachments.due_at, now), ne(attachments.state, "pending")))
    .orderBy(attachments.due_at)
    .limit(limit);
}

/** What the collector found for each attachment. */
export interface Collected {
  /** A message still shows them. */
  bound: string[];
  /** Their bytes are deleted. */
  gone: string[];
  /** To try again later. */
  failed: string[];
}

/** Stores the results of the collector. */
export async function settleAttachments(db: Directory, collected: Collected, now: EpochMs): Promise<void> {
  const { bound, gone, failed } = collected;
  await runBatch(db, [
    sql`UPDATE attachments SET state = 'bound', due_at = NULL WHERE attachment_id IN ${oneOf(bound)}`,
    sql`DELETE FROM attachments WHERE attachment_id IN ${oneOf(gone)}`,
    sql`UPDATE attachments SET due_at = ${now + RETRY_MS} WHERE attachment_id IN ${oneOf(failed)}`,
  ]);
}
