/**
 * The tables of D1 for moderation (rule 29): reports with what their reporters saw, the queue, the log, and what users are
 * told. They are the directory's own and cannot be rebuilt. Times are EpochMs.
 */
import type {
  NoticeAction,
  QueueAction,
  QueueStatus,
  ReportReason,
  ReportSnapshot,
  TargetType,
} from "@rocket-chat-api/protocol";
import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { z } from "zod";

type Status = z.infer<typeof QueueStatus>;

/** Reports: one for each reporter and target. */
export const reports = sqliteTable(
  "reports",
  {
    reporter_id: text().notNull(),
    /** The type of the target and its id, joined by a colon. */
    target: text().notNull(),
    report_id: text().notNull(),
    /** The item of the queue that it is part of. */
    item_id: text().notNull(),
    reason: text().$type<ReportReason>().notNull(),
    comment: text(),
    created_at: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.reporter_id, table.target] }),
    index("reports_by_item").on(table.item_id, table.created_at, table.report_id),
    index("reports_by_reporter").on(table.reporter_id, table.created_at),
  ],
);

/** What each reporter saw. With rowids: rows of this size do not belong into the tree of a key. */
export const reportSnapshots = sqliteTable("report_snapshots", {
  id: integer().primaryKey(),
  report_id: text().notNull().unique(),
  snapshot: text({ mode: "json" }).$type<ReportSnapshot>().notNull(),
});

/** The queue: at most one open item for each target. */
export const moderationItems = sqliteTable(
  "moderation_items",
  {
    item_id: text().primaryKey(),
    target_type: text().$type<TargetType>().notNull(),
    target_id: text().notNull(),
    conversation_id: text(),
    /** The person concerned. */
    user_id: text(),
    status: text().$type<Status>().notNull(),
    opened_at: integer().notNull(),
    report_count: integer().notNull().default(0),
    /** JSON: how many reporters gave each reason. */
    reasons: text().notNull().default("{}"),
    /** `wanted` once enough have reported the message; `done` while members see it deleted. */
    withholding: text().$type<"none" | "wanted" | "done">().notNull().default("none"),
    action: text().$type<QueueAction>(),
    note: text(),
    until: integer(),
    decided_by: text(),
    decided_at: integer(),
    /** Whether the decision has been carried out. */
    is_applied: integer({ mode: "boolean" }).notNull().default(false),
    /** Whether there may be something left of what reporters have seen and said. Retention takes it away (rule 10). */
    has_evidence: integer({ mode: "boolean" }).notNull().default(true),
  },
  (table) => [
    uniqueIndex("moderation_items_open").on(table.target_id, table.target_type).where(sql`status = 'open'`),
    index("moderation_items_in_order").on(table.status, table.opened_at, table.item_id),
    index("moderation_items_wanted")
      .on(table.opened_at)
      .where(sql`withholding = 'wanted' AND status = 'open'`),
    index("moderation_items_unapplied").on(table.decided_at).where(sql`status = 'done' AND is_applied = 0`),
    index("moderation_items_evidence").on(table.decided_at).where(sql`status = 'done' AND has_evidence = 1`),
  ],
);
export type ItemRow = typeof moderationItems.$inferSelect;

/** Who did what, when, to whom. */
export const moderationLog = sqliteTable(
  "moderation_log",
  {
    /** Of a conversation's note: its conversation and number. So it is written once, however often it comes. */
    log_id: text().primaryKey(),
    at: integer().notNull(),
    action: text().notNull(),
    actor_id: text(),
    target_id: text(),
    conversation_id: text(),
    message_id: text(),
    item_id: text(),
    reason: text(),
    details: text({ mode: "json" }).$type<Record<string, string | number | null>>().notNull(),
  },
  (table) => [
    index("moderation_log_in_order").on(table.at, table.log_id),
    index("moderation_log_by_target").on(table.target_id, table.at, table.log_id),
    index("moderation_log_by_actor").on(table.actor_id, table.at, table.log_id),
    index("moderation_log_flags").on(table.item_id, table.at).where(sql`action = 'filter.flag'`),
  ],
);
export type LogRow = typeof moderationLog.$inferSelect;

/** What moderators have told users: the newest ones of each. */
export const moderationNotices = sqliteTable(
  "moderation_notices",
  {
    user_id: text().notNull(),
    created_at: integer().notNull(),
    notice_id: text().notNull(),
    action: text().$type<NoticeAction>().notNull(),
    reason: text().notNull(),
    until: integer(),
    conversation_id: text(),
    message_id: text(),
  },
  (table) => [primaryKey({ columns: [table.user_id, table.notice_id] })],
);
export type NoticeRow = typeof moderationNotices.$inferSelect;
