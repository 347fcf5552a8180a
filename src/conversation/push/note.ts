/** What a conversation tells the hub of one member, which then decides what to push. */
import { MAX_SEQ, PUSH_PREVIEW_LENGTH, preview } from "@rocket-chat-api/protocol";
import { calls } from "../../domain/mentions.ts";
import type { NotedMessage, PushNote, PushWord } from "../../domain/push-note.ts";
import { wants } from "../../domain/push-note.ts";
import { isOutOfList } from "../members/membership.ts";
import { unreadOf } from "../receipts/unread.ts";
import type { Cursor } from "../state/cursor.ts";
import type { Room } from "../state/room.ts";
import type { MemberRow, MessageRow } from "../state/store.ts";

/** New messages in one note, at most: the newest ones. The counts speak of all. */
const MAX_NOTED = 20;
/** Messages that are looked at to find the newest unread one. */
const SEARCHED = 50;

/** What has changed since a cursor. Read once for all members. */
export interface News {
  /** Messages with a higher number, and earlier messages that were changed since. */
  fresh: readonly MessageRow[];
  changed: readonly MessageRow[];
  /** Messages that members have hidden since. */
  hidden: readonly { user_id: string; seq: number; rev: number }[];
}

/** Reads what has changed since a cursor. @param limit messages, the newest ones. */
export function newsSince(room: Room, { seq, rev }: Cursor, limit: number): News {
  const range = { after: seq, before: MAX_SEQ + 1, newestFirst: true, limit, viewer: "" };
  const rows = room.store.messagesChangedAfter(seq, limit);
  return {
    fresh: room.store.messagesIn(range).reverse(),
    changed: rows.filter((row) => row.seq <= seq),
    hidden: room.rev > rev ? room.hidden.afterRev(rev) : [],
  };
}

/** A message as it may push to a member. */
function toNoted(room: Room, { user_id }: MemberRow, row: MessageRow): NotedMessage {
  return {
    seq: row.seq,
    kind: calls(row.mentions, user_id, row.sender_id) ? "mention" : "message",
    is_direct: row.mentions?.user_ids.includes(user_id) ?? false,
    sender: room.person(row.sender_id),
    text: preview(row.content, PUSH_PREVIEW_LENGTH),
    message_type: row.type,
    edited_at: row.edited_at,
    expires_at: row.expires_at,
    sent_at: row.created_at,
  };
}

/** Whether a message can be unread to a member: of another member, not deleted, no system message. */
function canBeUnread({ user_id, joined_seq }: MemberRow, row: MessageRow): boolean {
  return (
    row.sender_id !== user_id && row.type !== "system" && row.deleted_at === null && row.seq >= joined_seq
  );
}

/** Unread messages that a member may see, newest first: those among the newest {@link SEARCHED}. */
function unreadRows(room: Room, member: MemberRow): MessageRow[] {
  const range = { after: member.last_read_seq, before: MAX_SEQ + 1, newestFirst: true, limit: SEARCHED };
  const rows = room.store.messagesIn({ ...range, viewer: member.user_id });
  return rows.filter((candidate) => canBeUnread(member, candidate));
}

/** The newest unread message that a member may see. */
function newestUnread(room: Room, member: MemberRow): NotedMessage | null {
  const [row] = unreadRows(room, member);
  return row ? toNoted(room, member, row) : null;
}

/** The newest unread messages that a word asks for, oldest first, with the member's addition to the group. */
export function unreadFor(room: Room, userId: string, word: PushWord): NotedMessage[] {
  const member = room.member(userId);
  if (!member) return [];
  const unread = unreadRows(room, member).filter(({ silent }) => !silent);
  const noted = [...added(room, member, 0), ...unread.reverse().map((row) => toNoted(room, member, row))];
  return noted.filter((message) => wants(word, message)).slice(-MAX_NOTED);
}

/** That a member was added to the group, if another member has done it since a position. The system message says who. */
function added(room: Room, member: MemberRow, after: number): NotedMessage[] {
  const { joined_seq, user_id } = member;
  if (room.info.type !== "group" || joined_seq <= after) return [];
  const range = { after: joined_seq, before: joined_seq + 2, newestFirst: false, limit: 1, viewer: "" };
  const [row] = room.store.messagesIn(range);
  if (row?.type !== "system" || row.sender_id === user_id) return [];
  return [{ ...toNoted(room, member, row), kind: "added", is_direct: true, text: "" }];
}

/** The state of a member, without news. */
function stateOf(room: Room, userId: string): PushNote {
  const { info, head, rev } = room;
  const member = room.member(userId);
  const isListed = member !== undefined && !isOutOfList(room, member);
  return {
    conversation_id: room.id,
    type: info.type,
    name: info.name,
    member_count: room.audience.size,
    seq: head,
    rev,
    is_member: member !== undefined,
    last_read_seq: member?.last_read_seq ?? 0,
    unread_count: isListed ? unreadOf(room, member) : 0,
    unread_mentions: isListed ? member.unread_mentions : 0,
    messages: [],
    changed: [],
    newest: null,
    is_stale: false,
  };
}

/**
 * The state of a member, with the newest message that is unread, and one message as they see it now: what a hub asks for.
 * @param seq of that message; 0 for none.
 */
export function noteOf(room: Room, userId: string, seq: number): PushNote {
  const state = stateOf(room, userId);
  const member = room.member(userId);
  if (!member) return state;
  const message = seq > 0 ? pushable(room, member, room.store.message(seq)) : null;
  return { ...state, newest: newestUnread(room, member), changed: seq > 0 ? [{ seq, message }] : [] };
}

/** A message as it may push to a member now; null if they may not see it, or it was deleted. */
function pushable(room: Room, member: MemberRow, row: MessageRow | undefined): NotedMessage | null {
  if (!row || row.deleted_at !== null || row.seq < member.joined_seq) return null;
  if (room.hidden.has(member.user_id, row.seq)) return null;
  const noted = toNoted(room, member, row);
  return row.type === "system" ? { ...noted, kind: "added", is_direct: true, text: "" } : noted;
}

/** A member's note, and whether there is anything in it that the hub must know. */
export interface NoteOfNews {
  note: PushNote;
  isNews: boolean;
  /** Whether messages were left out that the word does not ask for. */
  isPartial: boolean;
}

/**
 * What is new to a member since a cursor.
 * @param news read since that cursor, or an earlier one.
 */
export function noteOfNews(
  room: Room,
  userId: string,
  word: PushWord,
  since: Cursor,
  news: News,
): NoteOfNews {
  const member = room.member(userId);
  if (!member) {
    const isNews = (room.roster.get(userId)?.left_seq ?? 0) > since.seq || !room.roster.has(userId);
    return { note: stateOf(room, userId), isNews, isPartial: false };
  }
  const { last_read_seq } = member;
  const isFresh = ({ seq }: MessageRow) => seq > Math.max(since.seq, last_read_seq);
  const unread = news.fresh.filter(
    (row) => isFresh(row) && !row.silent && canBeUnread(member, row) && !room.hidden.has(userId, row.seq),
  );
  const noted = [...added(room, member, since.seq), ...unread.map((row) => toNoted(room, member, row))];
  const messages = noted.filter((message) => wants(word, message)).slice(-MAX_NOTED);
  const changed = changesFor(room, member, since, news);
  const newest = changed.length > 0 ? newestUnread(room, member) : null;
  const note = { ...stateOf(room, userId), messages, changed, newest };
  const isNews = messages.length > 0 || changed.length > 0 || member.rev > since.rev;
  return { note, isNews, isPartial: noted.some((message) => !wants(word, message)) };
}

/** Earlier messages that look otherwise to a member now, or are gone for them. */
function changesFor(room: Room, member: MemberRow, since: Cursor, news: News): PushNote["changed"] {
  const hidden = news.hidden.filter(({ user_id, rev }) => user_id === member.user_id && rev > since.rev);
  const gone = hidden.map(({ seq }) => ({ seq, message: null }));
  // News may be read since an earlier cursor than this member's: what was new then has been noted, and may have changed since.
  const earlier = news.fresh.filter(({ seq }) => seq <= since.seq);
  const changed = [...news.changed, ...earlier].filter(({ seq, sender_id, changed_seq }) => {
    return changed_seq > since.seq && sender_id !== member.user_id && seq >= member.joined_seq;
  });
  const shown = changed.map((row) => ({
    seq: row.seq,
    message: pushable(room, member, row),
  }));
  return [...gone, ...shown].filter(({ seq }) => seq > member.last_read_seq);
}
