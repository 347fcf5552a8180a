/** What a direct chat allows that one of the two has not accepted (domain/message-request.ts). */
import { type Failure, failure } from "@rocket-chat-api/protocol";
import { checkStranger, isKeptApart } from "../../domain/message-request.ts";
import { found, type Outcome, refused } from "../../domain/outcome.ts";
import type { Room } from "./room.ts";
import type { MemberRow } from "./store.ts";

/** The other person of a direct chat; undefined in a group. */
export function otherOf({ info, roster }: Room, { user_id }: Pick<MemberRow, "user_id">) {
  if (info.type === "group") return undefined;
  for (const row of roster.values()) if (row.user_id !== user_id) return row;
  return undefined;
}

/** The other person of a direct chat that a member has not accepted; a refusal if there is nothing to decline. */
export function strangerOf(room: Room, member: MemberRow): Outcome<{ user_id: string }> {
  const other = otherOf(room, member);
  if (!other) return refused("VALIDATION_ERROR", "Not available in a group");
  if (!member.request) return refused("CONFLICT", "This conversation is accepted already");
  return found({ user_id: other.user_id });
}

/** Why a member may not write to the other person of a direct chat, or undefined. Looks at two rows in memory at most. */
export function checkWriting(room: Room, member: MemberRow): Failure | undefined {
  const other = otherOf(room, member);
  if (!other?.request) return undefined;
  return checkStranger(other.request, other.who_can_message, room.sentNo(member.user_id));
}

/** Why a member may not change what they have said, or undefined: a stranger who was declined says nothing more. */
export function checkRewriting(room: Room, member: MemberRow): Failure | undefined {
  return otherOf(room, member)?.request?.state === "declined" ? failure("NOT_ACCEPTED") : undefined;
}

/** Why neither may do more than write, or undefined: reactions, pins and settings wait until a request is accepted. */
export function checkAccepted(room: Room, member: MemberRow): Failure | undefined {
  const isWaiting = isKeptApart(member.request) || isKeptApart(otherOf(room, member)?.request ?? null);
  return isWaiting ? failure("NOT_ACCEPTED", "Not before the request is accepted") : undefined;
}
