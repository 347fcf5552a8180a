/** Takes a deleted conversation out of the directory (rule 28). Every step may be repeated. */
import { type SQL, sql } from "drizzle-orm";
import type { AttachmentRow } from "./attachments.ts";
import { type Directory, runBatch } from "./database.ts";
import { clearMessages } from "./projection.ts";

/** Nobody finds the conversation any more who wants to talk to the same people, or about the same thing. */
export async function forgetNames(db: Directory, conversationId: string): Promise<void> {
  await runBatch(db, [
    sql`DELETE FROM external_conversations WHERE conversation_id = ${conversationId}`,
    sql`DELETE FROM direct_pairs WHERE conversation_id = ${conversationId} AND pair =
      (SELECT min(user_id) || ':' || max(user_id) FROM members WHERE conversation_id = ${conversationId})`,
  ]);
}

/** Whether the directory knows of a current member still. */
export async function hasMembers(db: Directory, conversationId: string): Promise<boolean> {
  const [rows = []] = await runBatch(db, [
    sql`SELECT 1 FROM members WHERE conversation_id = ${conversationId} AND left_seq IS NULL LIMIT 1`,
  ]);
  return rows.length > 0;
}

/** The ids of a conversation's attachments begin like its own. */
export function attachmentsOf(conversationId: string): SQL {
  const key = conversationId.slice(0, 24);
  return sql`attachment_id BETWEEN ${`${key}000000000000`} AND ${`${key}ffffffffffff`}`;
}

/** Some of a conversation's uploads, whatever has become of them. */
export async function uploadsOf(
  db: Directory,
  conversationId: string,
  limit: number,
): Promise<Pick<AttachmentRow, "attachment_id" | "created_at" | "key_token">[]> {
  const [rows = []] = await runBatch(db, [
    sql`SELECT attachment_id, created_at, key_token FROM attachments
      WHERE ${attachmentsOf(conversationId)} ORDER BY attachment_id LIMIT ${limit}`,
  ]);
  return rows as unknown as Pick<AttachmentRow, "attachment_id" | "created_at" | "key_token">[];
}

/** The bytes of these uploads are deleted. */
export async function forgetUploads(db: Directory, ids: readonly string[]): Promise<void> {
  await runBatch(db, [
    sql`DELETE FROM attachments WHERE attachment_id IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`,
  ]);
}

/**
 * Deletes the messages, and what users have set or hidden. The rows of the conversation and its members stay, without any
 * text: `/sync` tells by them that it is gone.
 */
export async function clearConversation(db: Directory, conversationId: string): Promise<void> {
  await clearMessages(db, conversationId);
  const everybody = sql`(SELECT user_id FROM members WHERE conversation_id = ${conversationId})`;
  await runBatch(db, [
    sql`DELETE FROM hidden WHERE conversation_id = ${conversationId} AND user_id IN ${everybody}`,
    sql`DELETE FROM preferences WHERE conversation_id = ${conversationId} AND user_id IN ${everybody}`,
    sql`UPDATE conversations SET name = NULL, description = NULL, photo_url = NULL, sent_counts = NULL
      WHERE conversation_id = ${conversationId}`,
  ]);
}
