/** What moderators have told users (rule 29). */
import { MAX_NOTICES, type ModerationNotice, timestamp } from "@rocket-chat-api/protocol";
import { desc, eq, type SQL, sql } from "drizzle-orm";
import type { Directory } from "../database.ts";
import { moderationNotices, type NoticeRow } from "../moderation-schema.ts";

/** A notice as its user sees it. */
function toNotice(row: NoticeRow): ModerationNotice {
  const { notice_id, action, reason, until, conversation_id, message_id, created_at } = row;
  return {
    notice_id,
    action,
    reason,
    until: until === null ? null : timestamp(until),
    conversation_id,
    message_id,
    created_at: timestamp(created_at),
  };
}

/** The newest notices of a user, newest first. */
export async function noticesOf(db: Directory, userId: string): Promise<ModerationNotice[]> {
  const { user_id, created_at, notice_id } = moderationNotices;
  const rows = await db
    .select()
    .from(moderationNotices)
    .where(eq(user_id, userId))
    .orderBy(desc(created_at), desc(notice_id))
    .limit(MAX_NOTICES);
  return rows.map(toNotice);
}

/** Keeps only the newest notices of a user. @param userId an expression. */
export function trimNotices(userId: SQL): SQL {
  return sql`DELETE FROM moderation_notices WHERE user_id = ${userId} AND notice_id NOT IN (
    SELECT notice_id FROM moderation_notices WHERE user_id = ${userId}
    ORDER BY created_at DESC, notice_id DESC LIMIT ${MAX_NOTICES})`;
}
