/** What others may know of how far a member has come (rules 19 and 29). */
import { isKeptApart } from "../../domain/message-request.ts";
import type { Room } from "../state/room.ts";
import type { MemberRow } from "../state/store.ts";

/** How far somebody has read, and has received. */
interface Marks {
  read: number;
  delivered: number;
}

/** Whether others learn what a member reads now. */
export function tellsReads({ read_receipts, request }: MemberRow): boolean {
  return read_receipts && !isKeptApart(request);
}

/** Whether others learn what a member receives. */
export function tellsDeliveries({ request }: MemberRow): boolean {
  return !isKeptApart(request);
}

/** How far a member has come, as one viewer may know it. Members know all of themselves. */
export function shownMarks(room: Room, viewer: Pick<MemberRow, "user_id">, member: MemberRow): Marks {
  const { user_id, joined_seq, last_read_seq, shown_read_seq } = member;
  const isOwn = viewer.user_id === user_id;
  if (!isOwn && !tellsDeliveries(member)) return { read: joined_seq, delivered: joined_seq };
  const read = isOwn ? last_read_seq : (shown_read_seq ?? last_read_seq);
  return { read, delivered: Math.max(room.deliveredSeq(user_id), read) };
}

/** How far others know that a member has read, once the member has read further; null if they know it all. */
export function shownAfterRead(member: MemberRow): number | null {
  if (member.read_receipts) return null;
  return member.shown_read_seq ?? member.last_read_seq;
}
