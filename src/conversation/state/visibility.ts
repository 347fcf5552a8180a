/** Decides which messages a member may see (rule 6). */
import type { Room } from "./room.ts";
import type { MemberRow, MessageRow } from "./store.ts";

/** The message, if the member may see it: sent during their membership, and not hidden by them. */
export function visible(room: Room, member: MemberRow, seq: number): MessageRow | undefined {
  if (seq < member.joined_seq || room.hidden.has(member.user_id, seq)) return undefined;
  return room.store.message(seq);
}
