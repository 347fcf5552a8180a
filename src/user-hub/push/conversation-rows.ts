/** What the hub knows of a conversation, as a row: before and after a note. Pure. */
import type { ConversationChoice } from "../../domain/preferences.ts";
import type { PushNote } from "../../domain/push-note.ts";
import type { ConversationRow } from "./push-store.ts";

/** How the user has set a conversation of which nothing is known. */
export const NOTHING_SET: ConversationChoice = { is_muted: false, muted_until: null, push_level: null };

/** A conversation that has told nothing yet. */
export function newConversation(conversation_id: string): ConversationRow {
  return {
    conversation_id,
    ...NOTHING_SET,
    word: "none",
    is_told: true,
    wanted_since: null,
    type: "direct",
    name: null,
    member_count: 0,
    seq: 0,
    rev: 0,
    last_read_seq: 0,
    unread_count: 0,
    unread_mentions: 0,
    is_request: false,
    is_stale: false,
    decided_seq: 0,
  };
}

/** Whether a note is older than what is known. */
export function isOlder(note: PushNote, row: ConversationRow): boolean {
  return note.seq < row.seq || note.rev < row.rev;
}

/** What is known of a conversation after a note. Notes may come late: an older one says nothing of counts. */
export function merged(row: ConversationRow, note: PushNote): ConversationRow {
  const last_read_seq = Math.max(row.last_read_seq, note.last_read_seq);
  if (isOlder(note, row)) return { ...row, last_read_seq };
  const { type, name, member_count, seq, rev, unread_count, unread_mentions, is_stale } = note;
  const { is_request = false } = note;
  return {
    ...row,
    type,
    name,
    member_count,
    seq,
    rev,
    last_read_seq,
    unread_count,
    unread_mentions,
    is_request,
    is_stale,
  };
}
