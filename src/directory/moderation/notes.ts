/** What conversations and filters of names tell the log and the queue (rule 29). A note that comes again changes nothing. */
import { messageId } from "@rocket-chat-api/protocol";
import { type SQL, sql } from "drizzle-orm";
import type { FilterNote } from "../../domain/filter/verdict.ts";
import type { ModerationNote } from "../../domain/moderation-note.ts";
import type { EpochMs } from "../../domain/time.ts";
import { type Directory, runBatch } from "../database.ts";
import type { LogRow } from "../moderation-schema.ts";
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

function statementsOf(conversation_id: string, { id, note }: Numbered, now: EpochMs): SQL[] {
  const message_id = note.seq === null ? null : messageId(conversation_id, note.seq);
  const entry = { ...note, log_id: `${conversation_id}:${id}`, conversation_id, message_id };
  return noteStatements(entry, targetOf(note, message_id, conversation_id), now);
}

/** An entry of the log as a note makes it. */
type NoteEntry = Omit<LogRow, "item_id">;

/** Writes an entry once, however often it comes, and opens an item where it is a flag. @param target what a flag is about. */
function noteStatements(note: NoteEntry, target: ItemTarget, now: EpochMs): SQL[] {
  const { log_id, at, action, actor_id, target_id, conversation_id, message_id, reason, details } = note;
  const isFlag = action === "filter.flag";
  const item = isFlag ? openItemOf(target) : sql`NULL`;
  const entry = sql`INSERT INTO moderation_log
      (log_id, at, action, actor_id, target_id, conversation_id, message_id, item_id, reason, details)
    VALUES (${log_id}, ${at}, ${action}, ${actor_id}, ${target_id}, ${conversation_id},
      ${message_id}, ${item}, ${reason}, ${JSON.stringify(details)})
    ON CONFLICT (log_id) DO NOTHING`;
  // If the note has come before, its item may have been decided since.
  const isKnown = sql`EXISTS (SELECT 1 FROM moderation_log WHERE log_id = ${log_id})`;
  return isFlag ? [openItem(target, isKnown, now), entry] : [entry];
}

/**
 * Writes what filters have masked or flagged in a user's display name.
 * @param id names the change where it may come again: then nothing is written twice.
 */
export async function addNameNotes(
  db: Directory,
  user_id: string,
  notes: readonly FilterNote[],
  now: EpochMs,
  id: string = crypto.randomUUID(),
): Promise<void> {
  if (notes.length === 0) return;
  const target = { type: "user", id: user_id, conversation_id: null, user_id } as const;
  const about = {
    at: now,
    actor_id: null,
    target_id: user_id,
    conversation_id: null,
    message_id: null,
    reason: null,
  };
  await runBatch(
    db,
    notes.flatMap(({ action, details }, i) =>
      noteStatements({ ...about, log_id: `${id}:${i}`, action, details: { ...details } }, target, now),
    ),
  );
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
