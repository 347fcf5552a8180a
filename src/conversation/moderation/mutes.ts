/** Mutes: a member who can read, and not write, until a time (rule 29). */
import type { Member, MuteParticipant, UserSummary } from "@rocket-chat-api/protocol";
import {
  checkEnd,
  checkModerate,
  checkTarget,
  endOf,
  isInForce,
  NOT_MUTED,
} from "../../domain/moderation.ts";
import { refused } from "../../domain/outcome.ts";
import type { EpochMs } from "../../domain/time.ts";
import { updatedMembers } from "../members/membership.ts";
import { toMember } from "../members/views.ts";
import type { Context, Handlers } from "../state/handler.ts";
import { answer, type Change, type Room, unchanged } from "../state/room.ts";
import type { MemberRow } from "../state/store.ts";
import { recordAct } from "./log.ts";

type Muting = Context<"muteParticipant" | "unmuteParticipant">;

/** The member whom a moderator may mute, and whose mute they may take back; or the refusal. */
function targetOf({ room, member: actor, input }: Muting): MemberRow | Change<never> {
  const target = room.member(input.user_id);
  const refusal = checkModerate(actor, room.info.type) ?? (target ? checkTarget(actor, target) : undefined);
  if (refusal) return unchanged(refused(refusal));
  return target ?? notMember();
}

function isRow(target: MemberRow | Change<never>): target is MemberRow {
  return "user_id" in target;
}

/** The refusal for somebody who is not in. */
export function notMember(): Change<never> {
  return unchanged(refused("NOT_FOUND", "This user is not a member of the conversation"));
}

function muteParticipant(context: Context<"muteParticipant">): Change<Member> {
  const target = targetOf(context);
  const { room, member, input, now } = context;
  return isRow(target) ? mute(room, target, member, input, now) : target;
}

function unmuteParticipant(context: Context<"unmuteParticipant">): Change<null> {
  const target = targetOf(context);
  const { room, member, input, now } = context;
  return isRow(target) ? unmute(room, target, member, input.announce, now) : target;
}

/**
 * Mutes a member. The same mute once more changes nothing.
 * @param actor a member who may, or {@link SYSTEM}.
 */
export function mute(
  room: Room,
  target: MemberRow,
  actor: UserSummary,
  input: MuteParticipant,
  now: EpochMs,
): Change<Member> {
  const { until, reason = null, announce = false } = input;
  const muted_until = endOf(until);
  const refusal = checkEnd(muted_until, now);
  if (refusal) return unchanged(refused(refusal));
  if (target.muted_until === muted_until && target.muted_reason === reason) return answer(toMember(target));
  const row = { ...target, muted_until, muted_reason: reason, muted_by: actor.user_id };
  const emissions = [updatedMembers(room, [row], actor)];
  const act = { kind: "mute" as const, actor, target, until: muted_until, reason, isAnnounced: announce };
  emissions.push(...recordAct(room, act, now));
  return { ...answer(toMember(row)), emissions };
}

/** Takes a mute back. Without one that holds, nothing changes. @param actor a member who may, or {@link SYSTEM}. */
export function unmute(
  room: Room,
  target: MemberRow,
  actor: UserSummary,
  isAnnounced: boolean,
  now: EpochMs,
): Change<null> {
  if (!isInForce(target.muted_until, now)) return answer(null);
  const emissions = [updatedMembers(room, [{ ...target, ...NOT_MUTED }], actor)];
  emissions.push(...recordAct(room, { kind: "unmute", actor, target, isAnnounced }, now));
  return { ...answer(null), emissions };
}

export const muteHandlers = {
  muteParticipant: {
    apply: muteParticipant,
    after: ({ room, input }, effects) => effects.stopTyping(room, input.user_id),
  },
  unmuteParticipant: { apply: unmuteParticipant },
} satisfies Partial<Handlers>;
