/** Read state: a watermark for each member, and what others learn from it (rule 19). */

import {
  MAX_SEQ,
  type ReadResult,
  type Receipt,
  type Receipts,
  statusOf,
  timestamp,
} from "@rocket-chat-api/protocol";
import { sql } from "drizzle-orm";
import { deliveredAt } from "../../domain/delivered.ts";
import { found, type Outcome, refused } from "../../domain/outcome.ts";
import type { EpochMs } from "../../domain/time.ts";
import type { Context, Effects, Handlers } from "../state/handler.ts";
import { answer, type Change, type Room, unchanged } from "../state/room.ts";
import { readMarks } from "../state/schema.ts";
import type { MemberRow, MessageRow } from "../state/store.ts";
import { leftOutFor, visible, visibleFrom } from "../state/visibility.ts";
import { shownAfterRead, shownMarks, tellsReads } from "./shown-marks.ts";
import { deletedAbove, mentionsAbove, unreadOf } from "./unread.ts";

/** Whether a watermark may move to a position: only to a message that the member may see. */
function isMarkable(room: Room, member: MemberRow, seq: number): boolean {
  if (seq < visibleFrom(member) || room.messageAt(seq) !== seq) return false;
  // The newest message is the usual one, and known without reading it.
  if (room.blocks.unseenBy(member.user_id).size > 0) return visible(room, member, seq) !== undefined;
  return !room.hidden.has(member.user_id, seq);
}

/** Moves a member's read watermark forward, never back. */
function markAsRead({ room, member, seq: upTo, now }: Context<"markAsRead">): Change<ReadResult> {
  if (!isMarkable(room, member, upTo)) return unchanged(refused("NOT_FOUND", "No such message"));
  const before = unreadOf(room, member);
  if (upTo <= member.last_read_seq) {
    return answer({ marked_read: 0, unread_count: before, unread_mentions: member.unread_mentions });
  }
  const { user_id } = member;
  const after = readUpTo(room, member, upTo);
  if (tellsReads(member)) addReadMark(room, user_id, upTo, now);
  const unread_count = unreadOf(room, after);
  return answer({
    marked_read: before - unread_count,
    unread_count,
    unread_mentions: after.unread_mentions,
  });
}

/** Writes a member's read watermark at a message, with what is counted from it. */
export function readUpTo(room: Room, member: MemberRow, upTo: number): MemberRow {
  const { user_id } = member;
  return room.putMember({
    ...member,
    last_read_seq: upTo,
    at_seq: room.head,
    read_no: room.store.placeAt(upTo).no,
    read_sent_no: room.sentNoAt(user_id, upTo),
    read_blocked_no: room.blockedNo(user_id, upTo),
    unread_deleted: deletedAbove(room, user_id, upTo),
    unread_mentions: mentionsAbove(room, user_id, upTo),
    shown_read: shownAfterRead(member),
  });
}

/** Messages that {@link newestUndelivered} looks at, at most. */
const UNDELIVERED = 50;

/**
 * The newest message of another member, up to a position, that does not yet count as delivered to this member. Those of
 * people whom they have blocked count too: nobody learns from a receipt that they are blocked.
 */
export function newestUndelivered(room: Room, { user_id }: MemberRow, upTo: number): number | undefined {
  const after = room.deliveredSeq(user_id);
  if (after >= upTo) return undefined;
  const range = { after, before: upTo + 1, newestFirst: true, limit: UNDELIVERED, viewer: user_id };
  return room.store.messagesIn(range).find((row) => row.sender_id !== user_id)?.seq;
}

/** Notes when a member has read up to a message. For others alone: not while they do not learn it. */
export function addReadMark({ store }: Room, user_id: string, seq: number, at: EpochMs): void {
  store.db.insert(readMarks).values({ user_id, seq, at }).onConflictDoNothing().run();
}

/** When members read a message: the first time that their watermark stood at it or above. */
function timesRead({ store }: Room, seq: number): Map<string, EpochMs> {
  const rows = store.db.all<{ user_id: string; at: EpochMs | null }>(sql`
    SELECT m.user_id, (SELECT r.at FROM read_marks AS r WHERE r.user_id = m.user_id AND r.seq >= ${seq}
      ORDER BY r.seq LIMIT 1) AS at
    FROM members AS m`);
  return new Map(rows.flatMap((row) => (row.at === null ? [] : [[row.user_id, row.at]])));
}

/** Who else has received and read a message. Members who joined after it are left out. */
function listReceipts({ room, member, seq }: Context<"listReceipts">): Outcome<Receipts> {
  const row = visible(room, member, seq);
  if (!row) return refused("NOT_FOUND", "No such message");
  const times = timesRead(room, seq);
  const others = room.currentMembers().filter((other) => witnessed(other, row));
  return found({
    receipts: others.map((other) => toReceipt(room, member, other, seq, times.get(other.user_id))),
  });
}

/** Whether another member has sent this message to this member: after they joined. */
function witnessed(member: MemberRow, row: MessageRow): boolean {
  return member.user_id !== row.sender_id && member.joined_seq <= row.seq;
}

function toReceipt(
  room: Room,
  viewer: MemberRow,
  member: MemberRow,
  seq: number,
  firstReadAt: EpochMs | undefined,
): Receipt {
  const { user_id, username } = member;
  const { read, delivered } = shownMarks(room, viewer, member);
  const status = statusOf(seq, read, delivered);
  if (status === "sent") return { user_id, username, status, delivered_at: null, read_at: null };
  const readAt = status === "read" ? firstReadAt : undefined;
  const handedAt = deliveredAt(room.deliveredMarks(user_id), seq);
  // A member who has read a message has received it, at the latest then.
  const times = [handedAt, readAt].filter((time) => time !== undefined);
  const received = times.length > 0 ? Math.min(...times) : undefined;
  return {
    user_id,
    username,
    status,
    delivered_at: received === undefined ? null : timestamp(received),
    read_at: readAt === undefined ? null : timestamp(readAt),
  };
}

/**
 * How far a device has everything that says so of a message. What people whom the member has blocked have said after it, no
 * device can name: it has arrived too, up to the next message of others that the device can name, and has not.
 */
function deliveredWith(room: Room, member: MemberRow, seq: number): number {
  const { user_id } = member;
  const { viewer, unseen } = leftOutFor(room, member);
  if (!unseen || unseen.size === 0) return seq;
  const after = Math.max(seq, room.deliveredSeq(user_id));
  const range = { after, before: MAX_SEQ + 1, newestFirst: false, limit: UNDELIVERED, viewer, unseen };
  const rows = room.store.messagesIn(range);
  const next = rows.find((row) => row.sender_id !== user_id) ?? rows[UNDELIVERED - 1];
  return newestUndelivered(room, member, next ? next.seq - 1 : room.head) ?? seq;
}

/** A device of a member reports that it has everything up to a message. */
function markAsDelivered({ room, member, seq }: Context<"markAsDelivered">, effects: Effects): Outcome<null> {
  if (!isMarkable(room, member, seq)) return refused("NOT_FOUND", "No such message");
  effects.delivered(member.user_id, deliveredWith(room, member, seq));
  return found(null);
}

export const readHandlers = {
  markAsRead: {
    apply: markAsRead,
    // A watermark that did not move causes no receipt.
    after({ room, member, seq, now }, effects) {
      if (seq <= member.last_read_seq) return;
      effects.read(room, member.user_id, seq, now);
      // Others learn at least that it has arrived, if they learn anything.
      if (!tellsReads(member)) effects.delivered(member.user_id, seq);
    },
  },
  markAsDelivered: { answer: markAsDelivered },
  listReceipts: { answer: listReceipts },
} satisfies Partial<Handlers>;
