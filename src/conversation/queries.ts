/** Questions of members that are no operations. Non-members only learn whether the conversation exists. */
import { checkManage, checkOpen, checkSend } from "../domain/access.ts";
import type { Caller } from "../domain/caller.ts";
import { found, type Outcome, refused } from "../domain/outcome.ts";
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

/** Whether the caller may add people. @returns how many of these are not members yet. */
export function mayAdd(room: Room | undefined, caller: Caller, userIds: string[]): Outcome<number> {
  return ask(room, caller, ({ info }, member) => {
    const error = checkManage(member, info.type);
    return error ? refused(error) : found(userIds.filter((id) => !room?.member(id)).length);
  });
}

/** Whether the caller may send. */
export function maySend(room: Room | undefined, caller: Caller): Outcome<null> {
  return ask(room, caller, ({ info, blocks }, member) => {
    const error = checkOpen(blocks.isClosed) ?? checkSend(member, info.settings);
    return error ? refused(error) : found(null);
  });
}
