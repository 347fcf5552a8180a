/** Bringing a client up to date: what has changed since its cursor, as frames (rule 21). */

import {
  type ConversationChanges,
  encodeEvent,
  type FetchedMessage,
  failure,
  LIMITED_SYNC_MESSAGES,
  MAX_PAGE_BYTES,
  MAX_SEQ,
  MAX_SYNC_ANNOTATIONS,
  MAX_SYNC_MESSAGES,
  messageId,
  type ReadState,
  SYNC_FRAME_MESSAGES,
  type UserSummary,
} from "@rocket-chat-api/protocol";
import { summaryOf } from "../../domain/caller.ts";
import { fitting } from "../../domain/page-bytes.ts";
import { isOutOfList } from "../members/membership.ts";
import { toMember, toSnapshot } from "../members/views.ts";
import { toFetched } from "../messages/history.ts";
import { unreadOf } from "../receipts/unread.ts";
import type { Room } from "../state/room.ts";
import type { MemberRow, MessageRow } from "../state/store.ts";
import { planResume } from "./plan-resume.ts";

/** What a resume sends of messages and members, and whether it replaces what the client has. */
interface Selection {
  messages: FetchedMessage[];
  roster: MemberRow[];
  /** Places of messages that the member has hidden. */
  hidden: number[];
  limited: boolean;
  /** Of a limited one: whether there are older messages. */
  has_more: boolean;
}

/**
 * Everything that has changed for a member since a position.
 * @param since null for a client that has nothing and wants the newest page only.
 * @param maxMessages beyond which it is limited.
 */
export function changesSince(
  room: Room,
  member: MemberRow,
  since: number | null,
  maxMessages = MAX_SYNC_MESSAGES,
): ConversationChanges {
  const { messages, has_more, roster, hidden, limited } = select(room, member, since, maxMessages);
  const floor = limited || since === null ? -1 : since;
  const current = roster.filter((row) => row.left_seq === null);
  const former = floor > 0 ? roster.filter((row) => hasSeenLeave(member, row)) : [];
  const { participants: _, seq: __, ...info } = toSnapshot(room);
  return {
    conversation_id: room.id,
    since: since ?? 0,
    seq: room.head,
    is_last: true,
    limited,
    membership: "member",
    conversation: room.info.changed_seq > floor || roster.length > 0 ? info : null,
    messages,
    has_more,
    members: current.map(toMember),
    removed_user_ids: former.map((row) => row.user_id),
    former_members: formerMembers(room, member, floor),
    hidden_message_ids: hidden.map((seq) => messageId(room.id, seq)),
    is_hidden: isOutOfList(room, member),
    read_states: readStates(room, floor),
    unread_count: unreadOf(room, member),
    unread_mentions: member.unread_mentions,
  };
}

/**
 * Those who have left since, or go by another name since: that takes no number, so the row notes the counter. Who
 * begins with nothing has nobody to rename.
 */
function formerMembers(room: Room, viewer: MemberRow, since: number): UserSummary[] {
  if (since <= 0) return [];
  return [...room.roster.values()]
    .filter((row) => hasSeenLeave(viewer, row) && (row.changed_seq > since || row.at_seq >= since))
    .map(summaryOf);
}

/**
 * Whether a member has seen another go. Of those who had gone before, who joined later is told nothing; and who begins
 * with nothing has nobody to take off the roster.
 */
function hasSeenLeave(viewer: MemberRow, { left_seq }: MemberRow): boolean {
  return left_seq !== null && left_seq > viewer.joined_seq;
}

/** The answer to somebody who is no longer a member: that, and nothing else. */
export function changesForFormer(room: Room, since: number): ConversationChanges {
  return {
    conversation_id: room.id,
    since,
    seq: since,
    is_last: true,
    limited: true,
    membership: "removed",
    conversation: null,
    messages: [],
    has_more: false,
    members: [],
    removed_user_ids: [],
    former_members: [],
    hidden_message_ids: [],
    is_hidden: false,
    read_states: [],
    unread_count: 0,
    unread_mentions: 0,
  };
}

function select(room: Room, member: MemberRow, since: number | null, maxMessages: number): Selection {
  const state = { head: room.head, joinedSeq: member.joined_seq };
  const isContinued = since !== null && planResume({ since, ...state }) === "changes";
  return (
    (isContinued && selectChanges(room, member, since, maxMessages)) ||
    selectNewest(room, member, maxMessages)
  );
}

/** What has changed since a position; undefined if it is too much of anything. */
function selectChanges(
  room: Room,
  member: MemberRow,
  since: number,
  maxMessages: number,
): Selection | undefined {
  const changed = room.store.messagesChangedAfter(since, maxMessages + 1);
  if (changed.length > maxMessages) return undefined;
  const roster = [...room.roster.values()].filter((row) => row.changed_seq > since);
  const hidden = room.hidden.since(member.user_id, since, MAX_SYNC_ANNOTATIONS + 1);
  // Who begins with nothing is shown who is in, however many they are.
  const tooMany = since > 0 && roster.length > MAX_SYNC_ANNOTATIONS;
  if (tooMany || hidden.length > MAX_SYNC_ANNOTATIONS) return undefined;
  const rows = shownTo(room, member, changed, maxMessages);
  const messages = rows && toFetched(room, member, rows);
  if (!messages || fitting(messages, MAX_PAGE_BYTES).length < messages.length) return undefined;
  return { messages, has_more: false, roster, hidden, limited: false };
}

/** The newest page, in place of whatever the client has. */
function selectNewest(room: Room, member: MemberRow, maxMessages: number): Selection {
  const range = { after: member.joined_seq - 1, before: MAX_SEQ + 1, newestFirst: true };
  const limit = Math.min(LIMITED_SYNC_MESSAGES, maxMessages);
  const newest = room.store.messagesIn({ ...range, limit: limit + 1, viewer: member.user_id });
  const messages = fitting(toFetched(room, member, newest.slice(0, limit)), MAX_PAGE_BYTES);
  return {
    messages: messages.reverse(),
    has_more: newest.length > messages.length,
    roster: room.currentMembers(),
    hidden: room.hidden.newest(member.user_id, MAX_SYNC_ANNOTATIONS).reverse(),
    limited: true,
  };
}

/**
 * What a member is shown of changed messages: those since they joined that they have not hidden. Of the others they
 * are shown what quotes them. Undefined if too many do.
 */
function shownTo(
  room: Room,
  member: MemberRow,
  changed: MessageRow[],
  maxMessages: number,
): MessageRow[] | undefined {
  const { user_id, joined_seq } = member;
  const seqs = (rows: MessageRow[]) => rows.map((row) => row.seq);
  const hidden = room.hidden.among(user_id, seqs(changed));
  const isShown = (row: MessageRow) => row.seq >= joined_seq && !hidden.has(row.seq);
  // A quote of what they may not see has no text, so only a deletion changes it.
  const gone = changed.filter((row) => !isShown(row) && row.deleted_at !== null);
  const quoting = room.store.quotesOf(seqs(gone), joined_seq, maxMessages + 1);
  if (quoting.length > maxMessages) return undefined;
  const known = new Set(seqs(changed));
  const hiddenQuotes = room.hidden.among(user_id, seqs(quoting));
  const quotes = quoting.filter((row) => !known.has(row.seq) && !hiddenQuotes.has(row.seq));
  return [...quotes, ...changed.filter(isShown)];
}

/** Watermarks that moved since: the row notes the counter of that moment, so "at or after" is a harmless superset. */
function readStates(room: Room, since: number): ReadState[] {
  return room
    .currentMembers()
    .filter(
      ({ user_id, at_seq }) =>
        at_seq >= since || (room.deliveredMarks(user_id).at(-1)?.at_seq ?? -1) >= since,
    )
    .map(({ user_id, joined_seq, last_read_seq }) => ({
      user_id,
      joined_seq,
      last_read_seq,
      last_delivered_seq: Math.max(room.deliveredSeq(user_id), last_read_seq),
    }));
}

/** Changes as frames of at most so many messages; a client from the future is told of its mistake first. */
export function toFrames(changes: ConversationChanges): string[] {
  const { messages, conversation_id } = changes;
  const chunks: ConversationChanges[] = [];
  for (let i = 0; i === 0 || i < messages.length; i += SYNC_FRAME_MESSAGES) {
    const rest = i === 0 ? changes : { ...changes, ...NOTHING_MORE };
    const is_last = i + SYNC_FRAME_MESSAGES >= messages.length;
    // Only the last frame completes the answer, so only it moves the client's cursor.
    const seq = is_last ? changes.seq : changes.since;
    chunks.push({ ...rest, messages: messages.slice(i, i + SYNC_FRAME_MESSAGES), is_last, seq });
  }
  const frames = chunks.map((data) => encodeEvent({ type: "conversation.sync", conversation_id, data }));
  return changes.membership === "member" && changes.since > changes.seq
    ? [encodeEvent({ type: "error", ...fromTheFuture(changes) }), ...frames]
    : frames;
}

/** What the first frame has told already. */
const NOTHING_MORE = {
  conversation: null,
  members: [],
  removed_user_ids: [],
  former_members: [],
  hidden_message_ids: [],
  read_states: [],
} satisfies Partial<ConversationChanges>;

function fromTheFuture({ conversation_id, since, seq }: ConversationChanges) {
  return failure("VALIDATION_ERROR", "This conversation has not come so far", {
    conversation_id,
    since,
    seq,
  });
}
