/** What conversations tell the log and the queue (rule 29). A note that comes again changes nothing. */
import { messageId } from "@rocket-chat-api/protocol";
import { type SQL, sql } from "drizzle-orm";
import type { ModerationNote } from "../../domain/moderation-note.ts";
import type { EpochMs } from "../../domain/time.ts";
import { type Directory, runBatch } from "../database.ts";

/** A note, and its number in its conversation. */
interface Numbered {
  id: number;
  note: ModerationNote;
}

/**
 * Writes notes of a conversation into the log. What a filter has flagged opens an item of the queue, or joins the open one.
 * @param now when an item is opened.
 */
export async function addNotes(
  db: Directory,
  conversationId: string,
  notes: readonly Numbered[],
  now: EpochMs,
): Promise<void> {
  await runBatch(
    db,
    notes.flatMap((note) => statementsOf(conversationId, note, now)),
  );
}

/** What an item of the queue is about. */
type Target = { type: "message" | "conversation"; id: string };

function statementsOf(conversationId: string, { id, note }: Numbered, now: EpochMs): SQL[] {
  const log_id = `${conversationId}:${id}`;
  const message_id = note.seq === null ? null : messageId(conversationId, note.seq);
  const target: Target =
    message_id === null ? { type: "conversation", id: conversationId } : { type: "message", id: message_id };
  const isFlag = note.action === "filter.flag";
  const item = isFlag
    ? sql`(SELECT item_id FROM moderation_items
        WHERE status = 'open' AND target_id = ${target.id} AND target_type = ${target.type})`
    : sql`NULL`;
  const entry = sql`INSERT INTO moderation_log
      (log_id, at, action, actor_id, target_id, conversation_id, message_id, item_id, reason, details)
    VALUES (${log_id}, ${note.at}, ${note.action}, ${note.actor_id}, ${note.target_id}, ${conversationId},
      ${message_id}, ${item}, ${note.reason}, ${JSON.stringify(note.details)})
    ON CONFLICT (log_id) DO NOTHING`;
  return isFlag ? [openItem(log_id, target, conversationId, note.target_id, now), entry] : [entry];
}

/** Opens an item, unless one is open, or the note has come before: its item may have been decided since. */
function openItem(
  log_id: string,
  { type, id }: Target,
  conversation_id: string,
  user_id: string,
  now: EpochMs,
): SQL {
  return sql`INSERT INTO moderation_items (item_id, target_type, target_id, conversation_id, user_id, status, opened_at)
    SELECT ${crypto.randomUUID()}, ${type}, ${id}, ${conversation_id}, ${user_id}, 'open', ${now}
    WHERE NOT EXISTS (SELECT 1 FROM moderation_log WHERE log_id = ${log_id})
    ON CONFLICT (target_id, target_type) WHERE status = 'open' DO NOTHING`;
}
