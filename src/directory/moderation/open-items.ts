/** Messages with an open item in the queue (rule 29): nothing but a decision deletes them. */
import { seqWithin } from "@rocket-chat-api/protocol";
import { sql } from "drizzle-orm";
import { type Directory, runBatch } from "../database.ts";

/** The `seq` of a conversation's messages that are in the queue. Their ids begin like the conversation's. */
export async function openMessagesOf(db: Directory, conversationId: string): Promise<Set<number>> {
  const key = conversationId.slice(0, 24);
  const [rows = []] = await runBatch(db, [
    sql`SELECT target_id FROM moderation_items WHERE status = 'open' AND target_type = 'message'
      AND target_id BETWEEN ${`${key}000000000000`} AND ${`${key}ffffffffffff`}`,
  ]);
  return new Set(rows.flatMap(({ target_id }) => seqWithin(conversationId, String(target_id)) ?? []));
}
