/** An item of a user's conversation list, from the row that SQLite returns. */
import {
  type ConversationListItem,
  type LastMessage,
  LIST_PREVIEW_LENGTH,
  messageId,
  type Participant,
  type PushLevel,
  preview,
  type Role,
  timestamp,
} from "@rocket-chat-api/protocol";
import { toStanding } from "../domain/access.ts";
import { isApart, type RequestState } from "../domain/message-request.ts";
import { toMute } from "../domain/moderation.ts";
import { isMuted } from "../domain/preferences.ts";
import type { EpochMs } from "../domain/time.ts";
import { unreadCount } from "../domain/unread.ts";
import type { conversations, members, UserRow } from "./schema.ts";
import { toStranger, toUser } from "./users.ts";

/** A row of the list, as SQLite returns it. The JSON columns contain rows. */
export interface ListRow
  extends Pick<
      typeof conversations.$inferSelect,
      | "conversation_id"
      | "type"
      | "name"
      | "photo_url"
      | "created_at"
      | "member_count"
      | "message_no"
      | "last_activity_at"
    >,
    Pick<
      typeof members.$inferSelect,
      | "read_no"
      | "read_sent_no"
      | "read_blocked_no"
      | "unread_deleted"
      | "unread_mentions"
      | "sent_no"
      | "request"
    > {
  /** Messages so far by those whom the user has blocked. */
  blocked_no: number;
  is_muted: number;
  muted_until: number | null;
  is_pinned: number;
  is_archived: number;
  push_level: PushLevel | null;
  participants: string;
  last_message: string | null;
}

interface ParticipantRow extends UserRow {
  role: Role;
  muted_until: EpochMs | null;
  request: RequestState | null;
}

interface LastMessageRow {
  seq: number;
  type: string;
  content: string;
  created_at: number;
  deleted_at: number | null;
  username: string | null;
}

/** Converts a row to the list item that its user sees. */
export function toListItem(row: ListRow, userId: string, now: EpochMs): ConversationListItem {
  const participants = (JSON.parse(row.participants) as ParticipantRow[]).map((participant): Participant => {
    const { user_id, role, muted_until, request } = participant;
    const shown = user_id !== userId && isApart(request) ? toStranger(participant) : toUser(participant);
    return { ...shown, ...toStanding(role), mute: toMute(muted_until) };
  });
  const muted = isMuted(row, now);
  return {
    conversation_id: row.conversation_id,
    type: row.type,
    name: row.name,
    photo_url: row.photo_url,
    last_message: row.last_message ? toLastMessage(row.conversation_id, row.last_message) : null,
    unread_count: unreadCount(row.message_no, row.sent_no, row.blocked_no, row),
    unread_mentions: row.unread_mentions,
    is_muted: muted,
    muted_until: muted && row.muted_until !== null ? timestamp(row.muted_until) : null,
    is_pinned: row.is_pinned === 1,
    is_archived: row.is_archived === 1,
    push_level: row.push_level,
    created_at: timestamp(row.created_at),
    participant_count: row.member_count,
    participants,
    other_user:
      (row.type === "direct" && participants.find((participant) => participant.user_id !== userId)) || null,
    is_request: row.request === "pending",
  };
}

function toLastMessage(conversationId: string, json: string): LastMessage {
  const row = JSON.parse(json) as LastMessageRow;
  return {
    message_id: messageId(conversationId, row.seq),
    type: row.type,
    content: preview(row.content, LIST_PREVIEW_LENGTH),
    created_at: timestamp(row.created_at),
    sender_username: row.username ?? (row.type === "system" ? "system" : ""),
    is_deleted: row.deleted_at !== null,
  };
}
