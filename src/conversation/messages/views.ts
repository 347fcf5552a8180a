/** From rows to what members see. */

import {
  type ConversationSnapshot,
  type Member,
  type Message,
  messageId,
  REPLY_PREVIEW_LENGTH,
  type ReplyTo,
  timestamp,
  type UserSummary,
} from "@rocket-chat-api/protocol";
import { toStanding } from "../../domain/access.ts";
import { toAttachment } from "../../domain/attachments.ts";
import { summaryOf } from "../../domain/caller.ts";
import { preview } from "../../domain/content.ts";
import type { ReactionRow } from "../state/annotations.ts";
import type { Room } from "../state/room.ts";
import type { MemberRow, MessageRow } from "../state/store.ts";
import type { MentionSet } from "./mentions.ts";

/** Whoever wrote something is in the roster, for a roster never forgets. */
export function personOf(room: Room, userId: string): UserSummary {
  const member = room.roster.get(userId);
  if (member) return summaryOf(member);
  return { user_id: userId, username: "unknown", display_name: "unknown", profile_photo_url: null };
}

export function toMember(row: MemberRow): Member {
  return { ...summaryOf(row), ...toStanding(row.role) };
}

/** Who is mentioned, by their names of today. */
export function toMentions(room: Room, set: MentionSet | null): Pick<Message, "mentions" | "mentions_all"> {
  const mentions = (set?.user_ids ?? []).map((user_id) => ({
    user_id,
    username: personOf(room, user_id).username,
  }));
  return { mentions, mentions_all: set?.all ?? false };
}

function toReplyTo(room: Room, row: MessageRow): ReplyTo {
  return {
    message_id: messageId(room.id, row.seq),
    sender: personOf(room, row.sender_id),
    type: row.type,
    content: preview(row.content, REPLY_PREVIEW_LENGTH),
    is_deleted: row.deleted_at !== null,
  };
}

/** What hangs on a message when it is shown. */
export interface Surroundings {
  repliedTo?: MessageRow | undefined;
  reactions?: ReactionRow[] | undefined;
}

/** A message as every member sees it. */
export function toMessage(room: Room, row: MessageRow, around: Surroundings): Message {
  const time = (ms: number | null) => (ms === null ? null : timestamp(ms));
  return {
    message_id: messageId(room.id, row.seq),
    conversation_id: room.id,
    seq: row.seq,
    changed_seq: row.changed_seq,
    sender_id: row.sender_id,
    sender: personOf(room, row.sender_id),
    type: row.type,
    content: row.content,
    created_at: timestamp(row.created_at),
    status: "sent",
    client_message_id: row.client_message_id,
    is_edited: row.edited_at !== null,
    edited_at: time(row.edited_at),
    is_deleted: row.deleted_at !== null,
    reply_to: around.repliedTo ? toReplyTo(room, around.repliedTo) : null,
    attachments: (row.attachments ?? []).map(toAttachment),
    reactions: (around.reactions ?? []).map(({ emoji, user_id }) => ({
      emoji,
      user_id,
      username: personOf(room, user_id).username,
    })),
    metadata: row.metadata === null ? null : JSON.parse(row.metadata),
    ...toMentions(room, row.mentions),
    expires_at: time(row.expires_at),
    system: row.system,
  };
}

/** Messages as every member sees them, in the order of the rows: two queries whatever their number. */
export function toMessages(room: Room, rows: MessageRow[]): Message[] {
  const replied = rows.flatMap((row) => row.reply_to_seq ?? []);
  const quoted = new Map(room.store.messagesAt(replied).map((row) => [row.seq, row]));
  const reactions = Map.groupBy(room.notes.reactionsTo(rows.map((row) => row.seq)), (row) => row.seq);
  return rows.map((row) =>
    toMessage(room, row, {
      repliedTo: row.reply_to_seq === null ? undefined : quoted.get(row.reply_to_seq),
      reactions: reactions.get(row.seq),
    }),
  );
}

/** The conversation, whole. */
export function toSnapshot(room: Room): ConversationSnapshot {
  const { conversation_id, type, name, photo_url, description, created_by, created_at, settings } = room.info;
  const current = room.currentMembers();
  return {
    conversation_id,
    type,
    name,
    photo_url,
    description,
    created_by,
    created_at: timestamp(created_at),
    participant_count: current.length,
    participants: current.map(toMember),
    settings,
    seq: room.head,
  };
}
