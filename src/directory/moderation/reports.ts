/** Reports in the directory: one for each reporter and target, with what the reporter saw (rule 29). */
import { OPEN_REPORTS, type ReportReason, type ReportSnapshot } from "@rocket-chat-api/protocol";
import { type SQL, sql } from "drizzle-orm";
import type { EpochMs } from "../../domain/time.ts";
import { type Directory, runBatch } from "../database.ts";
import { type ItemTarget, openItem, openItemOf } from "./items.ts";

/** A report to be stored. */
export interface NewReport {
  reporter_id: string;
  target: ItemTarget;
  reason: ReportReason;
  comment: string | null;
  snapshot: ReportSnapshot;
}

/** A report that is stored. */
export interface StoredReport {
  report_id: string;
  item_id: string;
  /** Whether so many have reported the message that it is to be withheld. */
  isWithholdingWanted: boolean;
}

/** What a report is refused with who has too many open ones. */
export interface TooMany {
  /** Seconds after which the oldest of them no longer counts. */
  retry_after: number;
}

/** The key of a target among the reports of one user. */
function keyOf({ type, id }: Pick<ItemTarget, "type" | "id">): string {
  return `${type}:${id}`;
}

/** What a user has reported before about a target, or undefined. */
export async function findReport(
  db: Directory,
  reporterId: string,
  target: Pick<ItemTarget, "type" | "id">,
): Promise<StoredReport | undefined> {
  const [rows = []] = await runBatch(db, [stored(reporterId, target)]);
  return toStored(rows);
}

function stored(reporterId: string, target: Pick<ItemTarget, "type" | "id">): SQL {
  return sql`SELECT r.report_id, r.item_id, i.withholding = 'wanted' AND i.status = 'open' AS is_wanted
    FROM reports AS r JOIN moderation_items AS i ON i.item_id = r.item_id
    WHERE r.reporter_id = ${reporterId} AND r.target = ${keyOf(target)}`;
}

function toStored([row]: Record<string, unknown>[]): StoredReport | undefined {
  return (
    row && {
      report_id: String(row.report_id),
      item_id: String(row.item_id),
      isWithholdingWanted: row.is_wanted === 1,
    }
  );
}

/** Reports of one user and day whose items are open. */
function openReportsOf(reporterId: string, now: EpochMs): SQL {
  const since = now - OPEN_REPORTS.period * 1000;
  return sql`FROM reports AS mine JOIN moderation_items AS theirs ON theirs.item_id = mine.item_id
    WHERE mine.reporter_id = ${reporterId} AND mine.created_at > ${since} AND theirs.status = 'open'`;
}

/**
 * Stores a report, and opens an item of the queue or joins the open one. One batch, so that neither two requests at the
 * same moment nor many count wrongly. If it was reported before, that report stays as it is.
 * @param hideAfter how many reporters withhold a message; undefined if none do.
 */
export async function addReport(
  db: Directory,
  { reporter_id, target, reason, comment, snapshot }: NewReport,
  hideAfter: number | undefined,
  now: EpochMs,
): Promise<StoredReport | TooMany> {
  const report_id = crypto.randomUUID();
  const key = keyOf(target);
  const isFull = sql`(SELECT count(*) ${openReportsOf(reporter_id, now)}) >= ${OPEN_REPORTS.limit}`;
  const isKnown = sql`EXISTS (SELECT 1 FROM reports WHERE reporter_id = ${reporter_id} AND target = ${key})`;
  const isNew = sql`EXISTS (SELECT 1 FROM reports
    WHERE reporter_id = ${reporter_id} AND target = ${key} AND report_id = ${report_id})`;
  const path = `$.${reason}`;
  const reaches = hideAfter !== undefined && target.type === "message" ? hideAfter : Number.MAX_SAFE_INTEGER;
  const [, , , , rows = [], [oldest] = []] = await runBatch(db, [
    openItem(target, sql`${isKnown} OR ${isFull}`, now),
    sql`INSERT INTO reports (reporter_id, target, report_id, item_id, reason, comment, created_at)
      SELECT ${reporter_id}, ${key}, ${report_id}, item_id, ${reason}, ${comment}, ${now}
      FROM (SELECT ${openItemOf(target)} AS item_id) WHERE item_id IS NOT NULL AND NOT (${isFull})
      ON CONFLICT (reporter_id, target) DO NOTHING`,
    sql`INSERT INTO report_snapshots (report_id, snapshot)
      SELECT ${report_id}, ${JSON.stringify(snapshot)} WHERE ${isNew}`,
    sql`UPDATE moderation_items SET report_count = report_count + 1,
        reasons = json_set(reasons, ${path}, coalesce(json_extract(reasons, ${path}), 0) + 1),
        withholding = iif(withholding = 'none' AND report_count + 1 >= ${reaches}, 'wanted', withholding)
      WHERE item_id = ${openItemOf(target)} AND ${isNew}`,
    stored(reporter_id, target),
    sql`SELECT min(mine.created_at) AS at ${openReportsOf(reporter_id, now)}`,
  ]);
  const report = toStored(rows);
  if (report) return report;
  const left = Number(oldest?.at ?? now) + OPEN_REPORTS.period * 1000 - now;
  return { retry_after: Math.max(1, Math.ceil(left / 1000)) };
}
