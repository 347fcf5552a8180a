/** What others may know of how far a member has come (rules 19 and 29). */
import { isKeptApart } from "../../domain/message-request.ts";
import type { Room } from "../state/room.ts";
import type { ShownRead } from "../state/schema.ts";
import type { MemberRow } from "../state/store.ts";

/** How far a member has read, and has received. */
interface Marks {
  read: number;
  delivered: number;
}

/** Whether others learn what a member reads now, if they want to know it. */
export function tellsReads({ read_receipts, request }: MemberRow): boolean {
  return read_receipts && !isKeptApart(request);
}

/** Whether others learn what a member receives. */
export function tellsDeliveries({ request }: MemberRow): boolean {
  return !isKeptApart(request);
}

/**
 * How far a member has come, as one viewer may know it. Members know all of themselves. Who shows nobody what they read does
 * not see what others read.
 */
export function shownMarks(
  room: Room,
  viewer: Pick<MemberRow, "user_id" | "read_receipts">,
  member: MemberRow,
): Marks {
  const { user_id, joined_seq, last_read_seq, shown_read } = member;
  const deliveredSeq = room.deliveredSeq(user_id);
  if (viewer.user_id === user_id) {
    return { read: last_read_seq, delivered: Math.max(deliveredSeq, last_read_seq) };
  }
  if (!tellsDeliveries(member)) return { read: joined_seq, delivered: joined_seq };
  const shown = shown_read?.seq ?? last_read_seq;
  // A message that was read has arrived.
  return { read: viewer.read_receipts ? shown : joined_seq, delivered: Math.max(deliveredSeq, shown) };
}

/**
 * Whether a member's marks may have moved for one viewer since a number. What the viewer does not learn moves nothing: else
 * the mere mention would tell that the member is reading.
 */
export function mayHaveMoved(room: Room, viewer: MemberRow, member: MemberRow, since: number): boolean {
  const { user_id, joined_seq, at_seq, shown_read } = member;
  const isOwn = viewer.user_id === user_id;
  if (!isOwn && !tellsDeliveries(member)) return joined_seq >= since;
  if ((room.deliveredMarks(user_id).at(-1)?.at_seq ?? -1) >= since) return true;
  if (isOwn) return at_seq >= since;
  return (viewer.read_receipts ? (shown_read?.at_seq ?? at_seq) : joined_seq) >= since;
}

/** What others know after the member has read further; null if they know it all. */
export function shownAfterRead({
  read_receipts,
  shown_read,
  last_read_seq,
  at_seq,
}: MemberRow): ShownRead | null {
  if (read_receipts) return null;
  return shown_read ?? { seq: last_read_seq, at_seq };
}
