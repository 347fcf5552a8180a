/** The log of moderation: who did what, when, to whom (rule 29). */
import { type LogQuery, type ModerationLogEntry, timeCursor, timestamp } from "@rocket-chat-api/protocol";
import { and, desc, eq, type SQL, sql } from "drizzle-orm";
import type { EpochMs } from "../../domain/time.ts";
import type { Directory } from "../database.ts";
import { type LogRow, moderationLog } from "../moderation-schema.ts";

/** What the app has done to a person, outside the queue. */
export interface AppEntry {
  action: "app.ban" | "app.unban" | "app.withhold";
  /** The server credential; null if reports did it. */
  actor_id: string | null;
  target_id: string | null;
  conversation_id?: string | null;
  message_id?: string | null;
  item_id?: string | null;
  reason: string | null;
  details?: LogRow["details"];
}

/** Writes an entry. @param id names it where it may be written twice; @param condition under which it is written. */
export function logEntry(
  entry: AppEntry,
  now: EpochMs,
  { id = crypto.randomUUID() as string, condition = sql`true` }: { id?: string; condition?: SQL } = {},
): SQL {
  const { action, actor_id, target_id, reason, details = {} } = entry;
  const { conversation_id = null, message_id = null, item_id = null } = entry;
  return sql`INSERT INTO moderation_log
      (log_id, at, action, actor_id, target_id, conversation_id, message_id, item_id, reason, details)
    SELECT ${id}, ${now}, ${action}, ${actor_id}, ${target_id}, ${conversation_id}, ${message_id}, ${item_id},
      ${reason}, ${JSON.stringify(details)} WHERE ${condition}
    ON CONFLICT (log_id) DO NOTHING`;
}

/** A page of the log, newest first. */
export async function listLog(
  db: Directory,
  { limit, cursor, target, actor }: LogQuery,
): Promise<{ entries: ModerationLogEntry[]; next_cursor: string | null }> {
  const { at, log_id, target_id, actor_id } = moderationLog;
  const rows = await db
    .select()
    .from(moderationLog)
    .where(
      and(
        target === undefined ? undefined : eq(target_id, target),
        actor === undefined ? undefined : eq(actor_id, actor),
        cursor && sql`(${at}, ${log_id}) < (${cursor.at}, ${cursor.id})`,
      ),
    )
    .orderBy(desc(at), desc(log_id))
    .limit(limit + 1);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const next_cursor = last && rows.length > limit ? timeCursor({ at: last.at, id: last.log_id }) : null;
  return { entries: page.map(toEntry), next_cursor };
}

function toEntry(row: LogRow): ModerationLogEntry {
  return { ...row, at: timestamp(row.at) };
}
