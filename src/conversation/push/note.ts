/** What a conversation tells the hub of one member, which then decides what to push. */
import { MAX_SEQ, PUSH_PREVIEW_LENGTH, preview } from "@rocket-chat-api/protocol";
import { calls } from "../../domain/mentions.ts";
import { isKeptApart } from "../../domain/message-request.ts";
import type { NotedMessage, PushNote, PushWord } from "../../domain/push-note.ts";
import { wants } from "../../domain/push-note.ts";
import { isForgotten } from "../../domain/recovery.ts";
import { isOutOfList } from "../members/membership.ts";
import { unreadOf } from "../receipts/unread.ts";
import type { Cursor } from "../state/cursor.ts";
import type { Room } from "../state/room.ts";
import type { MemberRow, MessageRow } from "../state/store.ts";
import { isByBlocked, leftOutFor } from "../state/visibility.ts";

/** New messages in one note, at most: the newest ones. The counts speak of all. */
const MAX_NOTED = 20;
/** Messages that are looked at to find the newest unread one. */
const SEARCHED = 50;

/** What has changed since a cursor. Read once for all members. */
export interface News {
  /** Messages with a higher number. */
  fresh: readonly MessageRow[];
  /** Messages that were edited or deleted since, new ones too: an object that was put away forgets what hubs have been told. */
  changed: readonly MessageRow[];
  /** Whether more were than `changed` has. */
  isCut: boolean;
  /** Messages that members have hidden since. */
  hidden: readonly { user_id: string; seq: number; rev: number }[];
}

/** Reads what has changed since a cursor. @param limit messages, the newest ones. */
export function newsSince(room: Room, { seq, rev }: Cursor, limit: number): News {
  const range = { after: seq, before: MAX_SEQ + 1, newestFirst: true, limit, viewer: "" };
  const changed = room.store.correctedAfter(seq, limit + 1);
  return {
    fresh: room.store.messagesIn(range).reverse(),
    changed: changed.slice(0, limit),
    // What was forgotten has left no row: hubs ask about what devices show.
    isCut: changed.length > limit || isForgotten(room.store.recoveries.forgotten, seq),
    hidden: room.rev > rev ? room.hidden.afterRev(rev) : [],
  };
}

/** A message as it may push to a member. */
function toNoted(room: Room, { user_id, request }: MemberRow, row: MessageRow): NotedMessage {
  const noted: NotedMessage = {
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
  // That somebody wants to write is told once, and not what they say.
  return isKeptApart(request)
    ? { ...noted, kind: "request", text: "", message_type: "text", edited_at: null, is_further: row.no > 1 }
    : noted;
}

/** Whether a message can be unread to a member: of another whom they have not blocked, not deleted, no system message. */
function canBeUnread(room: Room, { user_id, joined_seq }: MemberRow, row: MessageRow): boolean {
  if (row.sender_id === user_id || row.type === "system" || isByBlocked(room, user_id, row)) return false;
  return row.deleted_at === null && row.seq >= joined_seq;
}

/** The unread messages that may push to a member, newest first: those among the newest {@link SEARCHED}. */
function unreadFor(room: Room, member: MemberRow): NotedMessage[] {
  const range = { after: member.last_read_seq, before: MAX_SEQ + 1, newestFirst: true, limit: SEARCHED };
  const rows = room.store.messagesIn({ ...range, ...leftOutFor(room, member) });
  return rows
    .filter((row) => canBeUnread(room, member, row) && !row.silent)
    .map((row) => toNoted(room, member, row));
}

/** What is unread to a member and may be shown in place of another message: see {@link PushNote.left}. */
function leftFor(room: Room, member: MemberRow): NotedMessage[] {
  const unread = unreadFor(room, member);
  const chosen = [unread[0], unread.find(isMention), unread.find((one) => isMention(one) && one.is_direct)];
  return [...new Set(chosen), ...added(room, member, member.last_read_seq)].filter(
    (one) => one !== undefined,
  );
}

function isMention({ kind }: NotedMessage): boolean {
  return kind === "mention";
}

/** The newest unread messages that a word asks for, oldest first, with the member's addition to the group. */
export function unreadOfWord(room: Room, userId: string, word: PushWord): NotedMessage[] {
  const member = room.member(userId);
  if (!member) return [];
  const noted = [...added(room, member, 0), ...unreadFor(room, member).reverse()];
  return noted.filter((message) => wants(word, message)).slice(-MAX_NOTED);
}

/** That a member was added to the group, if another member has done it since a position. The system message says who. */
function added(room: Room, member: MemberRow, after: number): NotedMessage[] {
  const { joined_seq, user_id } = member;
  if (room.info.type !== "group" || joined_seq + 1 <= after) return [];
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
  // Who has taken a direct chat out of the list, or has declined it, wants to see nothing of it up to here.
  const last_read_seq = member && !isListed ? head : (member?.last_read_seq ?? 0);
  return {
    conversation_id: room.id,
    type: info.type,
    name: info.name,
    member_count: room.audience.size,
    seq: head,
    rev,
    is_member: member !== undefined,
    last_read_seq,
    unread_count: isListed ? unreadOf(room, member) : 0,
    unread_mentions: isListed ? member.unread_mentions : 0,
    messages: [],
    changed: [],
    is_cut: false,
    left: [],
    is_request: isKeptApart(member?.request ?? null),
    is_stale: false,
  };
}

/**
 * The state of a member, with what is unread and may be shown, and one message as they see it now: what a hub asks for.
 * @param seq of that message; 0 for none.
 */
export function noteOf(room: Room, userId: string, seq: number): PushNote {
  const state = stateOf(room, userId);
  const member = room.member(userId);
  if (!member) return state;
  const message = seq > 0 ? pushable(room, member, room.store.message(seq)) : null;
  return { ...state, left: leftFor(room, member), changed: seq > 0 ? [{ seq, message }] : [] };
}

/** A message as it may push to a member now; null if they may not see it, or it was deleted. */
function pushable(room: Room, member: MemberRow, row: MessageRow | undefined): NotedMessage | null {
  if (!row || row.deleted_at !== null || row.seq < member.joined_seq) return null;
  if (isByBlocked(room, member.user_id, row) || room.hidden.has(member.user_id, row.seq)) return null;
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
    (row) =>
      isFresh(row) && !row.silent && canBeUnread(room, member, row) && !room.hidden.has(userId, row.seq),
  );
  const noted = [...added(room, member, since.seq), ...unread.map((row) => toNoted(room, member, row))];
  const messages = noted.filter((message) => wants(word, message)).slice(-MAX_NOTED);
  const changed = changesFor(room, member, since, news);
  const left = changed.length > 0 ? leftFor(room, member) : [];
  const note = { ...stateOf(room, userId), messages, changed, is_cut: news.isCut, left };
  const isNews = messages.length > 0 || changed.length > 0 || news.isCut || member.rev > since.rev;
  return { note, isNews, isPartial: noted.some((message) => !wants(word, message)) };
}

/** Messages that look otherwise to a member now, or are gone for them. */
function changesFor(room: Room, member: MemberRow, since: Cursor, news: News): PushNote["changed"] {
  const hidden = news.hidden.filter(({ user_id, rev }) => user_id === member.user_id && rev > since.rev);
  const gone = [...hidden, ...blockedSince(room, member, since)].map(({ seq }) => ({ seq, message: null }));
  const changed = news.changed.filter(({ seq, sender_id, changed_seq }) => {
    return changed_seq > since.seq && sender_id !== member.user_id && seq >= member.joined_seq;
  });
  const seen = changed.filter((row) => !isByBlocked(room, member.user_id, row));
  const shown = seen.map((row) => ({ seq: row.seq, message: pushable(room, member, row) }));
  return [...gone, ...shown].filter(({ seq }) => seq > member.last_read_seq);
}

/** Newest unread messages of those whom a member has blocked, if that has changed since a cursor: they push no longer. */
function blockedSince(room: Room, member: MemberRow, { seq, rev }: Cursor): MessageRow[] {
  const { user_id, blocks_seq, last_read_seq } = member;
  if (blocks_seq === null || blocks_seq < seq || member.rev <= rev) return [];
  const range = { after: last_read_seq, before: MAX_SEQ + 1, newestFirst: true, limit: SEARCHED };
  const rows = room.store.messagesIn({ ...range, viewer: user_id });
  return rows.filter((row) => isByBlocked(room, user_id, row));
}
