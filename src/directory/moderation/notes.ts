/** What conversations tell the log and the queue (rule 29). A note that comes again changes nothing. */
import { messageId } from "@rocket-chat-api/protocol";
import { type SQL, sql } from "drizzle-orm";
import type { ModerationNote } from "../../domain/moderation-note.ts";
import type { EpochMs } from "../../domain/time.ts";
import { type Directory, runBatch } from "../database.ts";
import { type ItemTarget, openItem, openItemOf } from "./items.ts";

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

function statementsOf(conversationId: string, { id, note }: Numbered, now: EpochMs): SQL[] {
  const log_id = `${conversationId}:${id}`;
  const message_id = note.seq === null ? null : messageId(conversationId, note.seq);
  const isFlag = note.action === "filter.flag";
  const target = targetOf(note, message_id, conversationId);
  const item = isFlag ? openItemOf(target) : sql`NULL`;
  const entry = sql`INSERT INTO moderation_log
      (log_id, at, action, actor_id, target_id, conversation_id, message_id, item_id, reason, details)
    VALUES (${log_id}, ${note.at}, ${note.action}, ${note.actor_id}, ${note.target_id}, ${conversationId},
      ${message_id}, ${item}, ${note.reason}, ${JSON.stringify(note.details)})
    ON CONFLICT (log_id) DO NOTHING`;
  // If the note has come before, its item may have been decided since.
  const isKnown = sql`EXISTS (SELECT 1 FROM moderation_log WHERE log_id = ${log_id})`;
  return isFlag ? [openItem(target, isKnown, now), entry] : [entry];
}

/** What a flag is about: its message, or the conversation whose name or description a filter has found. */
function targetOf(
  { target_id }: ModerationNote,
  message_id: string | null,
  conversation_id: string,
): ItemTarget {
  const about = { conversation_id, user_id: target_id };
  return message_id === null
    ? { type: "conversation", id: conversation_id, ...about }
    : { type: "message", id: message_id, ...about };
}
