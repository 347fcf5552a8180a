/** Read state: a watermark for each member, and what it tells others (rule 19). */

import { failure, type ReadResult, type Receipt, type Receipts, timestamp } from "@rocket-chat-api/protocol";
import { found, type Outcome, refused } from "../../domain/outcome.ts";
import { unreadCount } from "../../domain/unread.ts";
import type { Context, Effects, Handlers } from "../state/handler.ts";
import { answer, type Change, type Room, refuse } from "../state/room.ts";
import type { MemberRow, MessageRow } from "../state/store.ts";
import { visible } from "../state/visibility.ts";
import { deliveredAt } from "./delivered.ts";
import { statusOf } from "./pacing.ts";

/** The others' undeleted messages above a member's watermark. */
export function unreadOf(room: Room, member: MemberRow): number {
  return unreadCount(room.messageNo, room.sentNo(member.user_id), member);
}

/** Counts anew what a deletion or an edit may have changed above a member's watermark. */
export function recount(room: Room, member: MemberRow): void {
  const { user_id, last_read_seq } = member;
  const unread_deleted = room.notes.deletedAbove(user_id, last_read_seq);
  const unread_mentions = room.notes.mentionsAbove(user_id, last_read_seq);
  if (unread_deleted === member.unread_deleted && unread_mentions === member.unread_mentions) return;
  room.putMember({ ...member, unread_deleted, unread_mentions, at_seq: room.head });
}

/** Whether there is a message at a position that the member may see. The watermark says nothing of other positions. */
export function isMarkable(room: Room, member: MemberRow, seq: number): boolean {
  return seq >= member.joined_seq && room.messageAt(seq) === seq && !room.notes.isHidden(member.user_id, seq);
}

/** Moves a member's read watermark forward, to a position or not at all. */
function markAsRead({ room, member, seq: upTo, now }: Context<"markAsRead">): Change<ReadResult> {
  if (!isMarkable(room, member, upTo)) return refuse(failure("NOT_FOUND", "No such message"));
  const before = unreadOf(room, member);
  if (upTo <= member.last_read_seq) {
    return answer({ marked_read: 0, unread_count: before, unread_mentions: member.unread_mentions });
  }
  const { user_id } = member;
  const after = room.putMember({
    ...member,
    last_read_seq: upTo,
    at_seq: room.head,
    read_no: room.store.placeAt(upTo).no,
    read_sent_no: room.store.sentNoAt(user_id, upTo),
    unread_deleted: room.notes.deletedAbove(user_id, upTo),
    unread_mentions: room.notes.mentionsAbove(user_id, upTo),
  });
  room.notes.addReadMark(user_id, upTo, now);
  const unread_count = unreadOf(room, after);
  return answer({
    marked_read: before - unread_count,
    unread_count,
    unread_mentions: after.unread_mentions,
  });
}

/** Places looked at for the newest message that a member has and that does not count as delivered. */
const UNDELIVERED = 50;

/** The newest of the others' messages up to a position that does not count as delivered to a member yet. */
export function newestUndelivered(room: Room, { user_id }: MemberRow, upTo: number): number | undefined {
  const after = room.deliveredSeq(user_id);
  if (after >= upTo) return undefined;
  const range = { after, before: upTo + 1, newestFirst: true, limit: UNDELIVERED, viewer: user_id };
  return room.store.messagesIn(range).find((row) => row.sender_id !== user_id)?.seq;
}

/** Who else has received and read a message. Who joined after it is not asked. */
function listReceipts({ room, member, seq }: Context<"listReceipts">): Outcome<Receipts> {
  const row = visible(room, member, seq);
  if (!row) return refused("NOT_FOUND", "No such message");
  const readTimes = room.notes.readTimes(seq);
  const others = room.currentMembers().filter((other) => witnessed(other, row));
  return found({
    receipts: others.map((other) => toReceipt(room, other, seq, readTimes.get(other.user_id))),
  });
}

/** Whether a message was said to this member: by somebody else, and since they joined. */
export function witnessed(member: MemberRow, row: MessageRow): boolean {
  return member.user_id !== row.sender_id && member.joined_seq <= row.seq;
}

function toReceipt(room: Room, member: MemberRow, seq: number, readAt: number | undefined): Receipt {
  const { user_id, username, last_read_seq } = member;
  const handedAt = deliveredAt(room.deliveredMarks(user_id), seq);
  // Who has read has received, at the latest then.
  const times = [handedAt, readAt].filter((time) => time !== undefined);
  const received = times.length > 0 ? Math.min(...times) : undefined;
  return {
    user_id,
    username,
    status: statusOf(seq, last_read_seq, room.deliveredSeq(user_id)),
    delivered_at: received === undefined ? null : timestamp(received),
    read_at: readAt === undefined ? null : timestamp(readAt),
  };
}

/** The devices of a member say that they have everything up to a message. */
function markAsDelivered({ room, member, seq }: Context<"markAsDelivered">, effects: Effects): Outcome<null> {
  if (!isMarkable(room, member, seq)) return refused("NOT_FOUND", "No such message");
  effects.delivered(member.user_id, seq);
  return found(null);
}

export const readHandlers = {
  markAsRead: {
    apply: markAsRead,
    // Nobody hears of a watermark that did not move.
    after({ room, member, seq, now }, effects) {
      if (seq > member.last_read_seq) effects.read(room, member.user_id, seq, now);
    },
  },
  markAsDelivered: { answer: markAsDelivered },
  listReceipts: { answer: listReceipts },
} satisfies Partial<Handlers>;
