/** Mutes and bans by a server, which may what no member may: mute and ban the owner (rules 28 and 29). */
import type { ServerRequestName } from "../../domain/server-requests.ts";
import { SYSTEM } from "../../domain/system-user.ts";
import { ban, bansPage, unban } from "../moderation/bans.ts";
import { mute, notMember, unmute } from "../moderation/mutes.ts";
import { answer, type Change } from "../state/room.ts";
import type { MemberRow } from "../state/store.ts";
import { type Asked, isGroup, notInDirect, type ServerHandlers } from "./handlers.ts";

/** Makes a change of a member of a group. */
function ofMember<Name extends "muteParticipant" | "unmuteParticipant", T>(
  { room, input }: Asked<Name>,
  change: (target: MemberRow) => Change<T>,
): Change<T> {
  if (!isGroup(room)) return notInDirect();
  const target = room.member(input.user_id);
  return target ? change(target) : notMember();
}

/** Makes a change of a group. */
function ofGroup<Name extends ServerRequestName, T>(
  { room }: Asked<Name>,
  change: () => Change<T>,
): Change<T> {
  return isGroup(room) ? change() : notInDirect();
}

export const MODERATION_HANDLERS = {
  muteParticipant: (asked) =>
    ofMember(asked, (target) => mute(asked.room, target, SYSTEM, asked.input, asked.now)),
  unmuteParticipant: (asked) =>
    ofMember(asked, (target) => unmute(asked.room, target, SYSTEM, asked.input.announce, asked.now)),
  banUser: (asked) =>
    ofGroup(asked, () => ban(asked.room, asked.input, SYSTEM, asked.input.people, asked.now)),
  unbanUser: (asked) =>
    ofGroup(asked, () => unban(asked.room, asked.input.user_id, SYSTEM, asked.input.announce, asked.now)),
  listBans: (asked) => ofGroup(asked, () => answer(bansPage(asked.room, asked.input, asked.now))),
} satisfies Partial<ServerHandlers>;
