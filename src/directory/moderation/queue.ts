/** The queue of moderation as servers read it (rule 29): items with their reports, flags and evidence. */
import {
  type ItemEvidence,
  type ItemReport,
  MAX_PAGE_BYTES,
  type ModerationItem,
  type QueueQuery,
  type ReportReason,
  type ReportSnapshot,
  type TimePlace,
  timeCursor,
  timestamp,
} from "@rocket-chat-api/protocol";
import { sql } from "drizzle-orm";
import { ageOf } from "../../domain/moderation-steps.ts";
import { countFitting, sizesOf } from "../../domain/page-bytes.ts";
import type { EpochMs } from "../../domain/time.ts";
import { type Directory, runBatch } from "../database.ts";
import type { ItemRow } from "../moderation-schema.ts";

/** Reports and flags shown with an item. All reports are in a list of their own. */
const SHOWN = 20;

/** A report without what its reporter saw, as JSON of the database has it. */
type StoredReport = Omit<ItemReport, "created_at"> & { created_at: EpochMs };
interface StoredFlag {
  at: EpochMs;
  reason: string | null;
  details: ModerationItem["flags"][number]["details"];
}

/** An item with the first of its reports and flags. */
interface FoundItem extends ItemRow {
  reports: string;
  flags: string;
}

const reportFields = sql.raw(
  "'report_id', report_id, 'reporter_id', reporter_id, 'reason', reason, 'comment', comment, 'created_at', created_at",
);
const withEntries = sql`SELECT i.*,
  (SELECT json_group_array(json_object(${reportFields})) FROM (SELECT * FROM reports WHERE item_id = i.item_id
    ORDER BY created_at, report_id LIMIT ${sql.raw(String(SHOWN))})) AS reports,
  (SELECT json_group_array(json_object('at', at, 'reason', reason, 'details', json(details)))
    FROM (SELECT * FROM moderation_log WHERE item_id = i.item_id AND action = 'filter.flag'
    ORDER BY at LIMIT ${sql.raw(String(SHOWN))})) AS flags
  FROM moderation_items AS i`;

/** A page of the queue, oldest first. It ends by the limit and by bytes. */
export async function listItems(
  db: Directory,
  { status, limit, cursor }: QueueQuery,
  now: EpochMs,
): Promise<{ items: ModerationItem[]; next_cursor: string | null }> {
  const after = cursor ? sql`AND (i.opened_at, i.item_id) > (${cursor.at}, ${cursor.id})` : sql``;
  const [rows = []] = await runBatch(db, [
    sql`${withEntries} WHERE i.status = ${status} ${after} ORDER BY i.opened_at, i.item_id LIMIT ${limit + 1}`,
  ]);
  const found = rows as unknown as FoundItem[];
  const page = await withSnapshots(db, found.slice(0, limit), (item) => firstReport(item)?.report_id);
  const items = page.map(({ one, snapshot }) => toItem(one, snapshot, now));
  return {
    items,
    next_cursor: nextCursor(found, items.length, ({ opened_at, item_id }) => [opened_at, item_id]),
  };
}

/** One item; undefined if there is none. */
export async function shownItem(
  db: Directory,
  itemId: string,
  now: EpochMs,
): Promise<ModerationItem | undefined> {
  const [rows = []] = await runBatch(db, [sql`${withEntries} WHERE i.item_id = ${itemId}`]);
  const [item] = rows as unknown as FoundItem[];
  if (!item) return undefined;
  const [first] = await withSnapshots(db, [item], (one) => firstReport(one)?.report_id);
  return toItem(item, first?.snapshot ?? null, now);
}

/** A page of an item's reports with what each reporter saw, oldest first. */
export async function reportsOfItem(
  db: Directory,
  itemId: string,
  { limit, cursor }: { limit: number; cursor?: TimePlace | undefined },
): Promise<{ reports: ItemEvidence[]; next_cursor: string | null }> {
  const after = cursor ? sql`AND (created_at, report_id) > (${cursor.at}, ${cursor.id})` : sql``;
  const [rows = []] = await runBatch(db, [
    sql`SELECT report_id, reporter_id, reason, comment, created_at FROM reports WHERE item_id = ${itemId} ${after}
      ORDER BY created_at, report_id LIMIT ${limit + 1}`,
  ]);
  const found = rows as unknown as StoredReport[];
  const page = await withSnapshots(db, found.slice(0, limit), ({ report_id }) => report_id);
  const reports = page.flatMap(({ one, snapshot }) => (snapshot ? [{ ...toReport(one), snapshot }] : []));
  const next_cursor = nextCursor(found, page.length, (one) => [one.created_at, one.report_id]);
  return { reports, next_cursor };
}

/** The cursor after the shown ones; null if nothing follows. */
function nextCursor<T>(
  found: readonly T[],
  shown: number,
  place: (one: T) => [number, string],
): string | null {
  const last = found[shown - 1];
  if (!last || shown >= found.length) return null;
  const [at, id] = place(last);
  return timeCursor({ at, id });
}

/** The first of these whose snapshots fit one answer, at least one, with their snapshots. */
async function withSnapshots<T>(
  db: Directory,
  all: readonly T[],
  idOf: (one: T) => string | undefined,
): Promise<{ one: T; snapshot: ReportSnapshot | null }[]> {
  const ids = all.flatMap((one) => idOf(one) ?? []);
  const [lengths = []] = await runBatch(db, [
    sql`SELECT report_id, octet_length(snapshot) AS bytes FROM report_snapshots WHERE report_id IN ${inJson(ids)}`,
  ]);
  const bytes = new Map(lengths.map((row) => [String(row.report_id), Number(row.bytes)]));
  const rest = sizesOf(all, MAX_PAGE_BYTES);
  const sizes = all.map((one, i) => (rest[i] ?? 0) + (bytes.get(idOf(one) ?? "") ?? 0));
  const kept = all.slice(0, countFitting(sizes, MAX_PAGE_BYTES));
  const [rows = []] = await runBatch(db, [
    sql`SELECT report_id, snapshot FROM report_snapshots
      WHERE report_id IN ${inJson(kept.flatMap((one) => idOf(one) ?? []))}`,
  ]);
  const snapshots = new Map(rows.map((row) => [String(row.report_id), String(row.snapshot)]));
  return kept.map((one) => {
    const text = snapshots.get(idOf(one) ?? "");
    return { one, snapshot: text === undefined ? null : (JSON.parse(text) as ReportSnapshot) };
  });
}

/** One parameter, because D1 takes at most 100. */
function inJson(ids: readonly string[]) {
  return sql`(SELECT value FROM json_each(${JSON.stringify(ids)}))`;
}

function firstReport({ reports }: FoundItem): StoredReport | undefined {
  return (JSON.parse(reports) as StoredReport[])[0];
}

function toReport({ report_id, reporter_id, reason, comment, created_at }: StoredReport): ItemReport {
  return {
    report_id,
    reporter_id,
    reason: reason as ReportReason,
    comment,
    created_at: timestamp(created_at),
  };
}

function toItem(row: FoundItem, snapshot: ReportSnapshot | null, now: EpochMs): ModerationItem {
  const { item_id, status, target_type, target_id, conversation_id, user_id, opened_at, report_count } = row;
  return {
    item_id,
    status,
    target: { type: target_type, id: target_id },
    conversation_id,
    user_id,
    opened_at: timestamp(opened_at),
    ...ageOf(opened_at, row.decided_at ?? now),
    report_count,
    reasons: JSON.parse(row.reasons) as Record<string, number>,
    reports: (JSON.parse(row.reports) as StoredReport[]).map(toReport),
    flags: (JSON.parse(row.flags) as StoredFlag[]).map((flag) => ({ ...flag, at: timestamp(flag.at) })),
    is_withheld: status === "open" && row.withholding === "done",
    snapshot,
    decision: decisionOf(row),
  };
}

function decisionOf({ action, note, until, decided_by, decided_at }: ItemRow): ModerationItem["decision"] {
  if (action === null || decided_at === null) return null;
  return {
    action,
    note: note ?? "",
    until: until === null ? null : timestamp(until),
    decided_by: decided_by ?? "",
    decided_at: timestamp(decided_at),
  };
}
