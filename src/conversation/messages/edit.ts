/** Edits messages (rule 16): the sender only, text only. Earlier versions stay readable. */

import {
  MAX_EDITS,
  MAX_PAGE_BYTES,
  type Message,
  type MessageEdits,
  messageId,
  timestamp,
} from "@rocket-chat-api/protocol";
import { checkOpen, checkSend } from "../../domain/access.ts";
import { checkContent } from "../../domain/content.ts";
import { judge } from "../../domain/filter/verdict.ts";
import { type MentionSet, reviseMentions } from "../../domain/mentions.ts";
import { checkWrite } from "../../domain/moderation.ts";
import { found, type Outcome, refused } from "../../domain/outcome.ts";
import { fitting } from "../../domain/page-bytes.ts";
import type { EpochMs } from "../../domain/time.ts";
import type { Context, Handlers } from "../state/handler.ts";
import { checkRewriting } from "../state/message-requests.ts";
import { answer, type Change, type Room, unchanged } from "../state/room.ts";
import type { MemberRow, MessageRow } from "../state/store.ts";
import { visible } from "../state/visibility.ts";
import { noteFiltered } from "./filtered.ts";
import { sameMetadata } from "./idempotency.ts";
import { moveMentions, toMentions } from "./mentions.ts";
import { checkPace, noteEdit } from "./pace.ts";
import { addVersion, earlierVersions, editCount } from "./text.ts";
import { toMessageFor } from "./views.ts";

/** Replaces the text of a message. Equal text changes nothing. */
function editMessage(context: Context<"editMessage">): Change<Message> {
  const { room, member, seq, input, limits, filters, now } = context;
  const row = visible(room, member, seq);
  if (!row) return unchanged(refused("NOT_FOUND", "No such message"));
  if (row.sender_id !== member.user_id)
    return unchanged(refused("FORBIDDEN", "Only the sender can edit a message"));
  if (row.deleted_at !== null) return unchanged(refused("CONFLICT", "The message has been deleted"));
  if (row.type !== "text") return unchanged(refused("VALIDATION_ERROR", "Only text messages can be edited"));
  const refusal =
    checkOpen(room.blocks.isClosed) ??
    checkWrite(member, room.info.settings, now) ??
    checkSend(member, room.info.settings) ??
    checkRewriting(room, member) ??
    checkContent({ type: "text", content: input.content }, limits.maxMessageLength);
  if (refusal) return unchanged(refused(refusal));
  const verdict = judge(filters, [{ field: "content", text: input.content }]);
  if (verdict?.refusal) return unchanged(refused(verdict.refusal));
  const content = verdict?.texts[0] ?? input.content;
  const metadata = input.metadata ? JSON.stringify(input.metadata) : row.metadata;
  if (content === row.content && sameMetadata(metadata, row.metadata))
    return answer(toMessageFor(room, member, row));
  const isEarly = checkPace(room, member, now);
  if (isEarly) return unchanged(refused(isEarly));
  const change = rewrite(room, member, row, { content, metadata }, now);
  if (verdict && change.outcome.ok) {
    noteFiltered(room, verdict.notes, { target_id: member.user_id, seq: row.seq }, now);
  }
  return change;
}

function rewrite(
  room: Room,
  member: MemberRow,
  row: MessageRow,
  text: { content: string; metadata: string | null },
  now: EpochMs,
): Change<Message> {
  const version = editCount(room, row.seq);
  if (version >= MAX_EDITS) {
    return unchanged(
      refused("CONFLICT", `A message can be edited at most ${MAX_EDITS} times`, { max_edits: MAX_EDITS }),
    );
  }
  addVersion(room, {
    seq: row.seq,
    version,
    content: row.content,
    metadata: row.metadata,
    written_at: row.edited_at ?? row.created_at,
  });
  noteEdit(room, member, now);
  const mentions = mentionsAfter(room, member, row, text.metadata);
  const seq = room.nextSeq();
  const changed = { ...row, ...text, mentions, edited_at: now, changed_seq: seq };
  room.store.updateMessage(row.seq, changed);
  moveMentions(room, changed, row.mentions, changed.mentions);
  const data = {
    message_id: messageId(room.id, row.seq),
    content: changed.content,
    is_edited: true as const,
    edited_at: timestamp(now),
    metadata: changed.metadata === null ? null : JSON.parse(changed.metadata),
    ...toMentions(room, mentions),
  };
  const event = { type: "message.edited" as const, conversation_id: room.id, seq, data };
  return { ...answer(toMessageFor(room, member, changed)), emissions: [{ event, to: room.audience }] };
}

/** If only the text changes, mentions are not resolved again. */
function mentionsAfter(
  room: Room,
  member: MemberRow,
  row: MessageRow,
  metadata: string | null,
): MentionSet | null {
  if (metadata === row.metadata) return row.mentions;
  const before = { names: namesIn(row.metadata), set: row.mentions };
  return reviseMentions(before, namesIn(metadata), member, room.currentMembers());
}

function namesIn(metadata: string | null): string[] | undefined {
  return metadata === null ? undefined : (JSON.parse(metadata).mentions ?? undefined);
}

/** A page of the versions of a message, oldest first. The last version is the current text. */
function listMessageEdits({
  room,
  member,
  seq,
  input: { before, limit },
}: Context<"listMessageEdits">): Outcome<MessageEdits> {
  const row = visible(room, member, seq);
  if (!row) return refused("NOT_FOUND", "No such message");
  // Versions are numbered from 1. The newest is the message itself.
  const newest = editCount(room, seq) + 1;
  const to = Math.min(before - 1, newest);
  const from = Math.max(1, to - limit + 1);
  const shown = earlierVersions(room, seq, from - 1, to - 1).map(({ version, content, written_at }) => ({
    version: version + 1,
    content,
    created_at: timestamp(written_at),
  }));
  if (to === newest) {
    const created_at = timestamp(row.edited_at ?? row.created_at);
    shown.push({ version: newest, content: row.content, created_at });
  }
  const page = fitting(shown.reverse(), MAX_PAGE_BYTES).reverse();
  const has_more = from > 1 || page.length < shown.length;
  return found({ message_id: messageId(room.id, seq), edits: page, has_more });
}

export const editHandlers = {
  editMessage: { isFiltered: true, apply: editMessage },
  listMessageEdits: { answer: listMessageEdits },
} satisfies Partial<Handlers>;
