/** Uploads in the directory: who may send what, and what is to be collected. */

import { MAX_PENDING_UPLOADS, UPLOAD_URL_TTL_SECONDS } from "@rocket-chat-api/protocol";
import { and, eq, inArray, lt, lte, ne, type SQL, sql } from "drizzle-orm";
import type { AttachmentMark } from "../domain/attachments.ts";
import type { EpochMs } from "../domain/time.ts";
import { dayOf } from "../domain/upload-quota.ts";
import { type Directory, runBatch } from "./database.ts";
import { attachments } from "./schema.ts";

export type AttachmentRow = typeof attachments.$inferSelect;
export type NewUpload = Omit<AttachmentRow, "clean_size" | "state" | "due_at" | "checks">;

/** Milliseconds that an upload waits to be sent. */
export const UNSENT_TTL_MS = 24 * 3600 * 1000;
/** Milliseconds from "no longer to be sent" until its bytes go: by then, a send that had begun has long finished. */
const GRACE_MS = 15 * 60 * 1000;
/** Milliseconds until a URL is of no use any more, and the slowest upload that began with it is over. */
const URL_LIFE_MS = (UPLOAD_URL_TTL_SECONDS + 3600) * 1000;
/** Milliseconds until something that failed is tried again. */
const RETRY_MS = 3600 * 1000;
/** How often one upload's bytes are read. One reading is enough, unless it fails or is broken off. */
const MAX_CHECKS = 8;

/** A list of ids as one parameter: a statement takes at most 100. */
function oneOf(ids: readonly string[]): SQL {
  return sql`(SELECT value FROM json_each(${JSON.stringify(ids)}))`;
}

/** What an uploader has too much of: uploads that are not sent, or bytes of this day. */
export type TooMuch = { kind: "unsent" } | { kind: "bytes"; used: number };

/**
 * Writes down an upload before it is permitted, and counts its bytes for this day, both or neither.
 * @returns undefined, or what its uploader has too much of.
 */
export async function addUpload(
  db: Directory,
  upload: NewUpload,
  maxBytesPerDay: number,
): Promise<TooMuch | undefined> {
  const { attachment_id, uploader_id, file_size } = upload;
  const day = dayOf(upload.created_at);
  // Clocks differ a little: what was counted for tomorrow counts today too.
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

/** The uploads that exist among these ids. */
export async function findAttachments(db: Directory, ids: readonly string[]): Promise<AttachmentRow[]> {
  return await db
    .select()
    .from(attachments)
    .where(inArray(attachments.attachment_id, oneOf(ids)));
}

/** Notes that an upload's bytes are going to be read. @returns false if that was begun too often without an end. */
export async function beginCheck(db: Directory, id: string): Promise<boolean> {
  const begun = await db
    .update(attachments)
    .set({ checks: sql`${attachments.checks} + 1` })
    .where(and(eq(attachments.attachment_id, id), lt(attachments.checks, MAX_CHECKS)))
    .returning({ id: attachments.attachment_id });
  return begun.length > 0;
}

/** Gives an upload up whose bytes were refused. */
export async function refuseAttachment(db: Directory, id: string, now: EpochMs): Promise<void> {
  const due_at = sql`max(${attachments.created_at} + ${URL_LIFE_MS}, ${now + GRACE_MS})`;
  await db
    .update(attachments)
    .set({ state: "deleted", due_at })
    .where(and(eq(attachments.attachment_id, id), eq(attachments.state, "pending")));
}

/** Part of a conversation's flush: which attachments its messages have, and which they had. */
export function markStatement(conversationId: string, marks: readonly AttachmentMark[]): SQL {
  return sql`
    UPDATE attachments SET state = mark.value->>'state',
      due_at = CASE mark.value->>'state' WHEN 'deleted' THEN created_at + ${URL_LIFE_MS} END
    FROM json_each(${JSON.stringify(marks)}) AS mark
    WHERE attachments.attachment_id = mark.value->>'attachment_id'
      AND attachments.conversation_id = ${conversationId} AND attachments.state <> 'deleted'`;
}

/** Ends the time of uploads that were not sent. From now on nobody can send them. */
export async function expireUploads(db: Directory, now: EpochMs, limit: number): Promise<void> {
  const overdue = sql`(SELECT attachment_id FROM attachments WHERE due_at <= ${now} AND state = 'pending'
    ORDER BY due_at LIMIT ${limit})`;
  await db
    .update(attachments)
    .set({ state: "expired", due_at: now + GRACE_MS })
    .where(inArray(attachments.attachment_id, overdue));
}

/** What is to be collected, longest due first. */
export async function dueAttachments(db: Directory, now: EpochMs, limit: number): Promise<AttachmentRow[]> {
  return await db
    .select()
    .from(attachments)
    .where(and(lte(attachments.due_at, now), ne(attachments.state, "pending")))
    .orderBy(attachments.due_at)
    .limit(limit);
}

/** What the collector has found out of each attachment. */
export interface Collected {
  /** A message shows them after all. */
  bound: string[];
  /** Their bytes are gone. */
  gone: string[];
  /** To be tried again later. */
  failed: string[];
}

/** Writes down what was collected. */
export async function settleAttachments(db: Directory, collected: Collected, now: EpochMs): Promise<void> {
  const { bound, gone, failed } = collected;
  await runBatch(db, [
    sql`UPDATE attachments SET state = 'bound', due_at = NULL WHERE attachment_id IN ${oneOf(bound)}`,
    sql`DELETE FROM attachments WHERE attachment_id IN ${oneOf(gone)}`,
    sql`UPDATE attachments SET due_at = ${now + RETRY_MS} WHERE attachment_id IN ${oneOf(failed)}`,
  ]);
}
