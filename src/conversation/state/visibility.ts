/** Decides which messages a member may see (rules 6 and 10). */
import type { Room } from "./room.ts";
import type { MemberRow, MessageRow } from "./store.ts";

/** The first position that a member may see: that of their joining, unless the history was open to who joined. */
export function visibleFrom({
  visible_from,
  joined_seq,
}: Pick<MemberRow, "visible_from" | "joined_seq">): number {
  return visible_from ?? joined_seq;
}

/** The message, if the member may see it: not from before what is open to them, and not hidden by them. */
export function visible(room: Room, member: MemberRow, seq: number): MessageRow | undefined {
  if (seq < visibleFrom(member) || room.hidden.has(member.user_id, seq)) return undefined;
  return room.store.message(seq);
}
