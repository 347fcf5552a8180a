/**
 * Deletes bytes that nobody can see: uploads that were not sent within a day, failed deletions, and files that were
 * uploaded again after they had been copied. A run does a limited amount of work. It may be repeated, or interrupted at
 * any point.
 */

import {
  type AttachmentRow,
  type Collected,
  dueAttachments,
  expireUploads,
  settleAttachments,
  UNSENT_TTL_MS,
} from "../directory/attachments.ts";
import { openDirectory } from "../directory/database.ts";
import type { EpochMs } from "../domain/time.ts";
import type { Env } from "../env.ts";
import { errorFields, log } from "../log.ts";
import { metrics } from "../metrics/metrics.ts";
import { conversationObject } from "../realtime/objects.ts";
import { openBucket } from "./bucket.ts";
import { checkedKey, isUploadedBefore, UPLOADS, uploadKey } from "./object-key.ts";
import { deleteObjects } from "./storage.ts";

/** Rows in one round, and rounds in one run, at most. */
const ROUND = 100;
const MAX_ROUNDS = 10;
/** Safety margin after the day in which an upload can be sent, in milliseconds. */
const MARGIN_MS = 3600 * 1000;

/** Runs the collector once. */
export async function collect(env: Env, now: EpochMs): Promise<{ deleted: number; failed: number }> {
  const db = openDirectory(env.DB);
  const total = { deleted: 0, failed: 0 };
  await expireUploads(db, now, ROUND * MAX_ROUNDS);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const rows = await dueAttachments(db, now, ROUND);
    if (rows.length === 0) break;
    const collected = await collectRows(env, rows);
    await settleAttachments(db, collected, now);
    total.deleted += collected.gone.length;
    total.failed += collected.failed.length;
  }
  const swept = await sweepUploads(openBucket(env.ATTACHMENTS), now - UNSENT_TTL_MS - MARGIN_MS).catch(
    (error) => {
      log("warn", "attachments.not_swept", { ...errorFields(error) });
      return 0;
    },
  );
  if (total.deleted + swept > 0) metrics.add("attachments_collected", total.deleted + swept);
  if (total.deleted + total.failed + swept > 0) log("info", "attachments.collected", { ...total, swept });
  return total;
}

async function collectRows(env: Env, rows: AttachmentRow[]): Promise<Collected> {
  const collected: Collected = { bound: [], gone: [], failed: [] };
  const useless: AttachmentRow[] = [];
  for (const [conversationId, some] of Map.groupBy(rows, (row) => row.conversation_id)) {
    const ids = idsOf(some);
    try {
      // The directory may be behind, or know only one of two sends. The conversation knows what it shows.
      const stub = conversationObject(env, conversationId);
      const shown = new Set(await stub.shownAttachments(ids));
      collected.bound.push(...ids.filter((id) => shown.has(id)));
      useless.push(...some.filter((row) => !shown.has(row.attachment_id)));
    } catch (error) {
      log("warn", "attachments.not_asked", { ...errorFields(error) });
      collected.failed.push(...ids);
    }
  }
  try {
    await deleteObjects(
      openBucket(env.ATTACHMENTS),
      useless.flatMap((row) => [uploadKey(row), checkedKey(row)]),
    );
    collected.gone.push(...idsOf(useless));
  } catch (error) {
    log("warn", "attachments.not_deleted", { count: useless.length, ...errorFields(error) });
    collected.failed.push(...idsOf(useless));
  }
  return collected;
}

const idsOf = (rows: readonly AttachmentRow[]) => rows.map((row) => row.attachment_id);

/**
 * Deletes everything uploaded before a time: it was copied, or can no longer be sent. A URL can be used again after its
 * file was copied, and no row records that. But upload keys start with their hour, so the oldest are listed first.
 * @returns how many there were.
 */
async function sweepUploads(bucket: R2Bucket, before: number): Promise<number> {
  let swept = 0;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const { objects } = await bucket.list({ prefix: UPLOADS });
    const keys = objects.map(({ key }) => key);
    const old = keys.filter((key) => isUploadedBefore(key, before));
    await deleteObjects(bucket, old);
    swept += old.length;
    if (old.length < keys.length || keys.length === 0) break;
  }
  return swept;
}
