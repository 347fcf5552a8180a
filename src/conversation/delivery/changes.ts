/** Brings a client up to date: what has changed since its cursor (rule 21). */

import {
  type ConversationChanges,
  MAX_SYNC_MESSAGES,
  messageId,
  type ReadState,
  type UserSummary,
} from "@rocket-chat-api/protocol";
import { isCurrent } from "../../domain/access.ts";
import { summaryOf } from "../../domain/caller.ts";
import { isOutOfList } from "../members/membership.ts";
import { isRequestOf, toInfo, toMember } from "../members/views.ts";
import { mayHaveMoved, shownMarks } from "../receipts/shown-marks.ts";
import { unreadOf } from "../receipts/unread.ts";
import type { Room } from "../state/room.ts";
import type { MemberRow } from "../state/store.ts";
import { visibleFrom } from "../state/visibility.ts";
import { selectRows } from "./select-changes.ts";

/**
 * Everything that has changed for a member since a position.
 * @param since null for a client that wants only the newest page.
 * @param maxMessages if more have changed, the answer is limited.
 * @param mayHaveCopy without `since`: the client may have a copy, of an unknown time.
 */
export function changesSince(
  room: Room,
  member: MemberRow,
  since: number | null,
  maxMessages = MAX_SYNC_MESSAGES,
  mayHaveCopy = false,
): ConversationChanges {
  const { limited, reset, ...selection } = selectRows(room, member, since, maxMessages, mayHaveCopy);
  const { messages, has_more, roster, hidden } = selection;
  const floor = limited || since === null ? -1 : since;
  const current = roster.filter((row) => row.left_seq === null);
  const former = floor > 0 ? roster.filter((row) => hasSeenLeave(member, row)) : [];
  return {
    conversation_id: room.id,
    since: since ?? 0,
    seq: room.head,
    is_last: true,
    limited,
    ...(reset && { reset }),
    membership: "member",
    conversation: room.info.changed_seq > floor || roster.length > 0 ? toInfo(room) : null,
    messages,
    has_more,
    members: current.map(toMember),
    removed_user_ids: former.map((row) => row.user_id),
    former_members: formerMembers(room, member, floor),
    hidden_message_ids: hidden.map((seq) => messageId(room.id, seq)),
    is_hidden: isOutOfList(room, member),
    is_request: isRequestOf(member),
    read_states: readStates(room, member, floor),
    unread_count: unreadOf(room, member),
    unread_mentions: member.unread_mentions,
  };
}

/**
 * Former members who have left since, or have changed their name since. A new name takes no number, so the row notes the
 * counter. A client that begins with nothing has no one to rename.
 */
function formerMembers(room: Room, viewer: MemberRow, since: number): UserSummary[] {
  if (since <= 0) return [];
  const renamed: UserSummary[] = [];
  for (const row of room.roster.values()) {
    if (!hasSeenLeave(viewer, row)) continue;
    if (row.changed_seq > since || row.at_seq >= since) renamed.push(summaryOf(row));
  }
  return renamed;
}

/** Whether a member has seen another leave. A member never hears of people who left before they joined. */
function hasSeenLeave(viewer: MemberRow, { left_seq }: MemberRow): boolean {
  return left_seq !== null && left_seq > visibleFrom(viewer);
}

/** The answer to a former member: that they are out, and nothing else. */
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
    is_request: false,
    read_states: [],
    unread_count: 0,
    unread_mentions: 0,
  };
}

/** Watermarks that moved since. The row notes the counter of that moment, so "at or after" may repeat one, which is harmless. */
function readStates(room: Room, viewer: MemberRow, since: number): ReadState[] {
  const moved: ReadState[] = [];
  // One pass without lists in between: each resume looks at all members of a large group.
  for (const row of room.roster.values()) {
    const { user_id, joined_seq } = row;
    if (!isCurrent(row) || !mayHaveMoved(room, viewer, row, since)) continue;
    const { read: last_read_seq, delivered: last_delivered_seq } = shownMarks(room, viewer, row);
    moved.push({ user_id, joined_seq, last_read_seq, last_delivered_seq });
  }
  return moved;
}
