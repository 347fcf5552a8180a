/** What the directory knows of a person, as records of an export (rule 28). */
import { timestamp } from "@rocket-chat-api/protocol";
import { sql } from "drizzle-orm";
import type { ExportRecord } from "../domain/export.ts";
import type { EpochMs } from "../domain/time.ts";
import { type Directory, runBatch } from "./database.ts";
import { noticesOf } from "./moderation/notices.ts";
import type { UserRow } from "./schema.ts";

/** Rows of each kind, at most: far above what the limits of the service let a person make. */
const MAX_ROWS = 50_000;

/** The profile, what restricts the person, what they have set, reported, and been told. */
export async function recordsOfUser(db: Directory, user: UserRow): Promise<ExportRecord[]> {
  const { user_id } = user;
  const [preferences = [], reports = []] = await runBatch(db, [
    sql`SELECT conversation_id, is_muted, muted_until, is_pinned, is_archived, push_level FROM preferences
      WHERE user_id = ${user_id} ORDER BY conversation_id LIMIT ${MAX_ROWS}`,
    sql`SELECT report_id, target, reason, comment, created_at FROM reports
      WHERE reporter_id = ${user_id} ORDER BY created_at, report_id LIMIT ${MAX_ROWS}`,
  ]);
  const notices = await noticesOf(db, user_id);
  return [
    profileOf(user),
    restrictionsOf(user),
    ...preferences.map((row): ExportRecord => toPreference(row)),
    ...reports.map((row): ExportRecord => toReport(row)),
    ...notices.map((notice): ExportRecord => ({ record: "notice", ...notice })),
  ];
}

function profileOf(user: UserRow): ExportRecord {
  const { user_id, external_id, username, display_name, profile_photo_url, metadata } = user;
  const { who_can_message, who_can_add, read_receipts, shows_last_seen } = user;
  return {
    record: "profile",
    ...{ user_id, external_id, username, display_name, profile_photo_url },
    metadata: metadata === null ? null : JSON.parse(metadata),
    claims: JSON.parse(user.claims),
    privacy: { who_can_message, who_can_add, read_receipts, shows_last_seen },
    last_seen_at: time(user.last_seen_at),
    created_at: timestamp(user.created_at),
  };
}

function restrictionsOf(user: UserRow): ExportRecord {
  const { deactivated_at, banned_at, banned_until, ban_reason, tokens_valid_from } = user;
  return {
    record: "restriction",
    deactivated_at: time(deactivated_at),
    banned_at: time(banned_at),
    banned_until: time(banned_until),
    ban_reason,
    tokens_valid_from: time(tokens_valid_from || null),
  };
}

function toPreference(row: Record<string, unknown>): ExportRecord {
  const { conversation_id, is_muted, muted_until, is_pinned, is_archived, push_level } = row;
  return {
    record: "preference",
    conversation_id,
    is_muted: is_muted === 1,
    muted_until: time(muted_until as EpochMs | null),
    is_pinned: is_pinned === 1,
    is_archived: is_archived === 1,
    push_level,
  };
}

function toReport({ created_at, ...row }: Record<string, unknown>): ExportRecord {
  return { record: "report", ...row, created_at: timestamp(Number(created_at)) };
}

function time(ms: EpochMs | null): string | null {
  return ms === null ? null : timestamp(ms);
}
