/** Questions of members that are no operations. Non-members only learn whether the conversation exists. */
import { checkManage, checkSend } from "../domain/access.ts";
import type { Caller } from "../domain/caller.ts";
import { bannedPeople, checkModerate, checkWrite } from "../domain/moderation.ts";
import { found, type Outcome, refused } from "../domain/outcome.ts";
import { bannedAmong, refuseOutsider } from "./state/bans.ts";
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
  return member ? question(room, member) : refused(refuseOutsider(room, caller.user_id, Date.now()));
}

/** Whether the caller may add people. @returns how many of these are not members yet. */
export function mayAdd(room: Room | undefined, caller: Caller, userIds: string[]): Outcome<number> {
  return ask(room, caller, (known, member) => {
    const error = checkManage(member, known.info.type);
    if (error) return refused(error);
    const banned = bannedAmong(known, userIds, Date.now());
    if (banned.length > 0) return refused(bannedPeople(banned));
    return found(userIds.filter((id) => !known.member(id)).length);
  });
}

/** Whether the caller may ban. @returns whether the person is, or was, a member, so that their name is known here. */
export function mayBan(room: Room | undefined, caller: Caller, userId: string): Outcome<boolean> {
  return ask(room, caller, (known, member) => {
    const error = checkModerate(member, known.info.type);
    return error ? refused(error) : found(known.roster.has(userId));
  });
}

/** Whether the caller may send. */
export function maySend(room: Room | undefined, caller: Caller): Outcome<null> {
  return ask(room, caller, ({ info }, member) => {
    const error = checkWrite(member, info.settings, Date.now()) ?? checkSend(member, info.settings);
    return error ? refused(error) : found(null);
  });
}
