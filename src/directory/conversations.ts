/** The list of a user's conversations: one query, whose cost depends on the page and not on what is unread. */
import { sql } from "drizzle-orm";
import { preview } from "../domain/content.ts";
import { unreadCount } from "../domain/unread.ts";
import {
  type ConversationList,
  type ConversationListItem,
  type LastMessage,
  LIST_PARTICIPANTS,
  LIST_PREVIEW_LENGTH,
  messageId,
  type Participant,
  type Role,
  timestamp,
} from "../protocol/index.ts";
import { type Directory, runBatch } from "./database.ts";
import type { conversations, members } from "./schema.ts";
import { toUser, type UserRow } from "./users.ts";

/** A row of the list as SQLite returns it; the JSON columns hold rows of their own. */
interface ListRow
  extends Omit<typeof conversations.$inferSelect, "rev">,
    Pick<typeof members.$inferSelect, "read_no" | "read_sent_no" | "unread_deleted" | "sent_no"> {
  participants: string;
  last_message: string | null;
}

interface LastMessageRow {
  seq: number;
  type: string;
  content: string;
  created_at: number;
  deleted_at: number | null;
  username: string | null;
}

const participantsOf = sql`(
  SELECT json_group_array(json_object('user_id', p.user_id, 'role', p.role, 'username', u.username,
      'display_name', u.display_name, 'profile_photo_url', u.profile_photo_url, 'presence', u.presence,
      'last_seen_at', u.last_seen_at))
  FROM (SELECT user_id, role FROM members WHERE conversation_id = c.conversation_id AND left_seq IS NULL
        ORDER BY joined_seq, user_id LIMIT ${LIST_PARTICIPANTS}) AS p
  JOIN users AS u ON u.user_id = p.user_id)`;

const lastMessageOf = sql`(
  SELECT json_object('seq', x.seq, 'type', x.type, 'content', x.content, 'created_at', x.created_at,
      'deleted_at', x.deleted_at, 'username', (SELECT username FROM users WHERE user_id = x.sender_id))
  FROM messages AS x WHERE x.conversation_id = c.conversation_id AND x.seq >= m.joined_seq
  ORDER BY x.seq DESC LIMIT 1)`;

/** One page of the conversations that a user is in, newest activity first (rule 9). */
export async function listConversations(
  db: Directory,
  userId: string,
  page: number,
  limit: number,
): Promise<ConversationList> {
  const [rows, totals] = await runBatch(db, [
    sql`
      SELECT c.*, m.read_no, m.read_sent_no, m.unread_deleted, m.sent_no,
        ${participantsOf} AS participants, ${lastMessageOf} AS last_message
      FROM members AS m JOIN conversations AS c ON c.conversation_id = m.conversation_id
      WHERE m.user_id = ${userId} AND m.left_seq IS NULL
      ORDER BY c.last_activity_at DESC, c.conversation_id
      LIMIT ${limit} OFFSET ${(page - 1) * limit}`,
    sql`
      SELECT count(*) AS total FROM members WHERE user_id = ${userId} AND left_seq IS NULL`,
  ]);
  const total = Number(totals?.[0]?.total ?? 0);
  return {
    conversations: (rows as unknown as ListRow[]).map((row) => toListItem(row, userId)),
    total,
    page,
    has_more: page * limit < total,
  };
}

function toListItem(row: ListRow, userId: string): ConversationListItem {
  const participants = (JSON.parse(row.participants) as (UserRow & { role: Role })[]).map(
    (participant): Participant => ({ ...toUser(participant), role: participant.role }),
  );
  const isDirect = row.type === "direct";
  return {
    conversation_id: row.conversation_id,
    type: row.type,
    name: row.name,
    photo_url: row.photo_url,
    last_message: row.last_message ? toLastMessage(row.conversation_id, row.last_message) : null,
    unread_count: unreadCount(row.message_no, row.sent_no, row),
    is_muted: false,
    is_pinned: false,
    created_at: timestamp(row.created_at),
    participant_count: row.member_count,
    participants,
    other_user: (isDirect && participants.find((participant) => participant.user_id !== userId)) || null,
  };
}

function toLastMessage(conversationId: string, json: string): LastMessage {
  const row = JSON.parse(json) as LastMessageRow;
  return {
    message_id: messageId(conversationId, row.seq),
    type: row.type,
    content: preview(row.content, LIST_PREVIEW_LENGTH),
    created_at: timestamp(row.created_at),
    sender_username: row.username ?? "",
    is_deleted: row.deleted_at !== null,
  };
}
