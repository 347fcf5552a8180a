/** Mutes, bans and deletions by a server, which may what no member may: mute and ban the owner (rules 28 and 29). */

import { found } from "../../domain/outcome.ts";
import type { ServerRequestName } from "../../domain/server-requests.ts";
import { SYSTEM } from "../../domain/system-user.ts";
import { ban, bansPage, unban } from "../moderation/bans.ts";
import { moderate } from "../moderation/decide.ts";
import { mute, notMember, unmute } from "../moderation/mutes.ts";
import { goOnPurging, isPurging, startPurge } from "../moderation/purge.ts";
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
    ofGroup(asked, () =>
      ban(asked.room, asked.input, SYSTEM, { people: asked.input.people, ...asked.limits }, asked.now),
    ),
  unbanUser: (asked) =>
    ofGroup(asked, () => unban(asked.room, asked.input.user_id, SYSTEM, asked.input.announce, asked.now)),
  moderateMessage: ({ room, input, limits: { evidenceMs }, now }) =>
    moderate(input.step, { room, seq: input.seq, evidenceMs, now }),
  purge: ({ room, input, limits: { evidenceMs }, now }) => {
    const { user_id, since, until, isFirst } = input;
    const order = { user_id, since, until, by: SYSTEM.user_id, evidenceMs };
    const change = isFirst ? startPurge(room, order, now) : goOnPurging(room, order, now);
    return { ...change, outcome: found({ more: isPurging(room, user_id) }) };
  },
  listBans: (asked) => ofGroup(asked, () => answer(bansPage(asked.room, asked.input, asked.now))),
} satisfies Partial<ServerHandlers>;
