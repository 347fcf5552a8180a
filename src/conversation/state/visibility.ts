/** Which messages a member may see (rule 6). */
import type { Room } from "./room.ts";
import type { MemberRow, MessageRow } from "./store.ts";

/** A message that a member may see: said during their membership and not hidden by them (rule 6). */
export function visible(room: Room, member: MemberRow, seq: number): MessageRow | undefined {
  if (seq < member.joined_seq || room.hidden.has(member.user_id, seq)) return undefined;
  return room.store.message(seq);
}
