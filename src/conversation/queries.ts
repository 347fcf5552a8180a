/** Questions of members that are no operations. Non-members only learn whether the conversation exists. */
import { checkManage, checkSend } from "../domain/access.ts";
import type { Caller } from "../domain/caller.ts";
import { found, type Outcome, refused } from "../domain/outcome.ts";
import type { Addable } from "../realtime/objects.ts";
import { checkWriting } from "./state/message-requests.ts";
import type { Room } from "./state/room.ts";
import type { MemberRow } from "./state/store.ts";

/** Answers a question of a member. @param unknown what a missing conversation is called. */
export function ask<T>(
  room: Room | undefined,
  caller: Caller,
  question: (room: Room, member: MemberRow) => Outcome<T>,
  unknown: "CONVERSATION_NOT_FOUND" | "NOT_FOUND" = "CONVERSATION_NOT_FOUND",
): Outcome<T> {
  if (!room) return refused(unknown);
  const member = room.member(caller.user_id);
  return member ? question(room, member) : refused("FORBIDDEN");
}

/** Whether the caller may add people. @returns which of these are not members yet. */
export function mayAdd(room: Room | undefined, caller: Caller, userIds: string[]): Outcome<Addable[]> {
  return ask(room, caller, ({ info }, member) => {
    const error = checkManage(member, info.type);
    if (error) return refused(error);
    const fresh = userIds.filter((id) => !room?.member(id));
    return found(
      fresh.map((user_id) => ({ user_id, has_left: room?.roster.get(user_id)?.has_left ?? false })),
    );
  });
}

/** Whether the caller may send. */
export function maySend(room: Room | undefined, caller: Caller): Outcome<null> {
  return ask(room, caller, (known, member) => {
    const error = checkSend(member, known.info.settings) ?? checkWriting(known, member);
    return error ? refused(error) : found(null);
  });
}
