/** What the directory does for retention (rule 10): which conversations are to look, and what reports have kept. */
import { sql } from "drizzle-orm";
import type { EpochMs } from "../domain/time.ts";
import { type Directory, runBatch } from "./database.ts";

/** The one job that tells conversations of the deployment's days. Its subject is their number. */
const RETENTION_JOB = "00000000-0000-4000-8000-000000000010";

/** Starts the job that tells all conversations, unless they have been told of so many days. */
export async function askForRetention(db: Directory, days: number, now: EpochMs): Promise<void> {
  await runBatch(db, [
    sql`INSERT INTO jobs (job_id, kind, subject, status, progress, created_at, updated_at)
      VALUES (${RETENTION_JOB}, 'apply_retention', ${String(days)}, 'running', 0, ${now}, 0)
      ON CONFLICT (job_id) DO UPDATE SET subject = excluded.subject, status = 'running', progress = 0, cursor = NULL,
        error = NULL, created_at = excluded.created_at, updated_at = 0
      WHERE jobs.subject <> excluded.subject OR jobs.status = 'failed'`,
  ]);
}

/**
 * Messages are kept for ever from now on. A message of this time sets no alarm, so a number of days that comes later is announced to all
 * conversations, even if it is the one that they had.
 */
export async function forgetRetention(db: Directory): Promise<void> {
  await runBatch(db, [sql`DELETE FROM jobs WHERE job_id = ${RETENTION_JOB}`]);
}

/** The next conversations after an id. */
export async function conversationsAfter(db: Directory, after: string, limit: number): Promise<string[]> {
  const [rows = []] = await runBatch(db, [
    sql`SELECT conversation_id FROM conversations WHERE conversation_id > ${after}
      ORDER BY conversation_id LIMIT ${limit}`,
  ]);
  return rows.map(({ conversation_id }) => String(conversation_id));
}

/** Decisions looked at in one run. */
const DECISIONS = 100;

/**
 * Deletes what reporters have seen, and said, of items that were decided before a time. The decisions stay in the log. Those that have
 * nothing left are not read again.
 * @param limit of snapshots, since each may have half a megabyte.
 */
export async function forgetReports(db: Directory, before: EpochMs, limit: number): Promise<void> {
  const [rows = []] = await runBatch(db, [
    sql`SELECT item_id FROM moderation_items INDEXED BY moderation_items_evidence
      WHERE status = 'done' AND has_evidence = 1 AND decided_at < ${before} ORDER BY decided_at LIMIT ${DECISIONS}`,
  ]);
  if (rows.length === 0) return;
  const items = sql`(SELECT value FROM json_each(${JSON.stringify(rows.map(({ item_id }) => item_id))}))`;
  const shown = sql`reports AS r CROSS JOIN report_snapshots AS s ON s.report_id = r.report_id`;
  await runBatch(db, [
    sql`UPDATE reports SET comment = NULL WHERE item_id IN ${items} AND comment IS NOT NULL`,
    sql`DELETE FROM report_snapshots WHERE id IN (SELECT s.id FROM ${shown} WHERE r.item_id IN ${items} LIMIT ${limit})`,
    sql`UPDATE moderation_items SET has_evidence = 0
      WHERE item_id IN ${items} AND NOT EXISTS (SELECT 1 FROM ${shown} WHERE r.item_id = moderation_items.item_id)`,
  ]);
}
