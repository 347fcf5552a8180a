/** Changes of members and roles (rule 8). */
import type { ConversationSnapshot, Member, Role, UserSummary } from "@rocket-chat-api/protocol";
import { checkManage, checkRole, outranks, toStanding } from "../../domain/access.ts";
import type { BlockWord } from "../../domain/blocks.ts";
import { type Caller, discretionOf, summaryOf } from "../../domain/caller.ts";
import type { MessageRequest } from "../../domain/message-request.ts";
import { bannedPeople, NOT_MUTED } from "../../domain/moderation.ts";
import { created, found, refused } from "../../domain/outcome.ts";
import type { EpochMs } from "../../domain/time.ts";
import type { MessageLimits } from "../../settings.ts";
import { announce } from "../messages/system.ts";
import { bannedAmong } from "../state/bans.ts";
import type { Context, Handlers } from "../state/handler.ts";
import { answer, type Change, type Emission, type Room, unchanged } from "../state/room.ts";
import type { MemberRow } from "../state/store.ts";
import { blocksOfNew, joinWithBlocks } from "./blocks.ts";
import { successor } from "./succession.ts";
import { toMember, toSnapshot } from "./views.ts";

/**
 * Adds a member to the roster. Earlier messages are not unread, and shown only if the settings say so (rule 10).
 * @param request if it is a direct chat that they have not accepted.
 */
export function join(
  room: Room,
  person: Caller,
  role: Role,
  seq: number,
  request: MessageRequest | null = null,
): MemberRow {
  // Nobody gets rid of a mute by leaving.
  const { muted_until, muted_reason, muted_by } = room.roster.get(person.user_id) ?? NOT_MUTED;
  return room.putMember({
    ...summaryOf(person),
    profile_version: person.profile_version,
    role,
    joined_seq: seq,
    left_seq: null,
    changed_seq: seq,
    at_seq: seq,
    last_read_seq: seq,
    read_no: room.messageNo,
    read_sent_no: room.sentNo(person.user_id),
    unread_deleted: 0,
    unread_mentions: 0,
    hidden_seq: null,
    read_blocked_no: room.blockedNo(person.user_id),
    blocks_seq: null,
    // What is set now holds for this membership, whatever is set later.
    visible_from: room.info.settings.history === "all" ? 0 : null,
    muted_until,
    muted_reason,
    muted_by,
    ...discretionOf(person),
    shown_read: null,
    request,
    has_left: false,
  });
}

/** Adds people. */
function addParticipants(context: Context<"addParticipants">): Change<ConversationSnapshot> {
  const { room, member: actor, people, prepared: blocks = [], limits, now } = context;
  const refusal = checkManage(actor, room.info.type);
  return refusal ? unchanged(refused(refusal)) : addPeople(room, { people, blocks }, actor, limits, now);
}

/** People who are to become members, and who of them and of the others has blocked whom. */
interface NewPeople {
  people: readonly Caller[];
  blocks: readonly BlockWord[];
}

/** Adds people to a group. Current members stay as they are. @param actor a member, or {@link SYSTEM}. */
export function addPeople(
  room: Room,
  { people, blocks }: NewPeople,
  actor: UserSummary,
  { maxGroupMembers }: Pick<MessageLimits, "maxGroupMembers">,
  now: EpochMs,
): Change<ConversationSnapshot> {
  const fresh = people.filter((person) => !room.member(person.user_id));
  if (fresh.length === 0) return answer(toSnapshot(room));
  const ids = fresh.map((person) => person.user_id);
  const banned = bannedAmong(room, ids, now);
  if (banned.length > 0) return unchanged(refused(bannedPeople(banned)));
  if (ids.some((id) => room.erased.has(id))) return unchanged(refused("NOT_FOUND", "No such user"));
  if (room.audience.size + fresh.length > maxGroupMembers) {
    return unchanged(refused("VALIDATION_ERROR", `A group can have at most ${maxGroupMembers} members`));
  }
  const seq = room.nextSeq();
  const newcomers = new Set(fresh.map(({ user_id }) => user_id).filter((userId) => !room.roster.has(userId)));
  const joined = fresh.map((person) => join(room, person, "member", seq));
  const data = {
    participants: joined.map(toMember),
    participant_count: room.audience.size,
    added_by: actor.user_id,
  };
  const event = { type: "participant.added" as const, conversation_id: room.id, seq, data };
  const added: Emission = { event, to: room.audience };
  const notice = announce(room, actor, { event: "participant.added", user_ids: ids }, now);
  const reset = joinWithBlocks(room, blocks, new Set(ids), newcomers);
  return { outcome: created(toSnapshot(room)), emissions: [added, notice, ...reset], joined: ids };
}

/** Removes a member, or the caller. */
function removeParticipant(context: Context<"removeParticipant">): Change<null> {
  const { room, member: actor, input, now } = context;
  const { user_id: userId } = input;
  if (userId === actor.user_id) return leave(room, actor, now);
  const refusal = checkManage(actor, room.info.type);
  if (refusal) return unchanged(refused(refusal));
  if (room.member(userId)?.role === "owner")
    return unchanged(refused("FORBIDDEN", "The owner cannot be removed"));
  return removeMember(room, userId, actor, now);
}

/** Removes a member of a group. If that is the owner, another takes their place. @param actor a member, or {@link SYSTEM}. */
export function removeMember(room: Room, userId: string, actor: UserSummary, now: EpochMs): Change<null> {
  const target = room.member(userId);
  if (!target) return unchanged(refused("NOT_FOUND", "This user is not a member of the conversation"));
  const emissions = takeOut(room, target, actor);
  emissions.push(announce(room, actor, { event: "participant.removed", user_id: userId }, now));
  return { ...answer(null), emissions, removed: [userId] };
}

/** Ends a membership. The events say so, and who owns the group now, if the owner is out. */
export function takeOut(room: Room, member: MemberRow, actor: UserSummary): Emission[] {
  const out = depart(room, member, actor, member.user_id === actor.user_id);
  const heir = member.role === "owner" ? successor(room.currentMembers()) : undefined;
  return heir ? [out, updatedMembers(room, [withRole(heir, "owner")], actor)] : [out];
}

/** A member with another role. A higher one ends a mute: nobody could take back that of the owner. */
function withRole(member: MemberRow, role: Role): MemberRow {
  return { ...member, role, ...(outranks({ role }, member) ? NOT_MUTED : {}) };
}

/** Leaves. A group gets a new owner if the owner leaves. A direct conversation is only hidden. */
function leave(room: Room, member: MemberRow, now: EpochMs): Change<null> {
  if (room.info.type === "direct") return hideFromList(room, member);
  const emissions = takeOut(room, member, member);
  const note = { event: "participant.removed", user_id: member.user_id };
  emissions.push(announce(room, member, note, now));
  return { ...answer(null), emissions, removed: [member.user_id] };
}

/** Whether a hidden direct conversation is still hidden: there are no new messages. */
export function isOutOfList(room: Room, { hidden_seq }: MemberRow): boolean {
  return hidden_seq !== null && room.newest.seq <= hidden_seq;
}

/** Hides a direct conversation. Only the member's own devices are notified. Repeating it changes nothing. */
function hideFromList(room: Room, member: MemberRow): Change<null> {
  if (isOutOfList(room, member)) return answer(null);
  const hidden_seq = room.head;
  room.putMember({ ...member, hidden_seq, at_seq: room.head });
  const event = {
    type: "conversation.hidden" as const,
    conversation_id: room.id,
    data: { up_to_seq: hidden_seq },
  };
  return { ...answer(null), emissions: [{ event, to: new Set([member.user_id]) }] };
}

/** Ends a membership. The member gets this event, and no later ones. @param has_left whether they end it themselves. */
function depart(room: Room, member: MemberRow, by: UserSummary, has_left = false): Emission {
  const to = room.audience;
  const seq = room.nextSeq();
  room.putMember({ ...member, role: "member", left_seq: seq, changed_seq: seq, at_seq: seq, has_left });
  const data = {
    user_id: member.user_id,
    username: member.username,
    participant_count: room.audience.size,
    removed_by: by.user_id,
  };
  return { event: { type: "participant.removed", conversation_id: room.id, seq, data }, to };
}

/** Changes a role. Transferring ownership makes the former owner an admin. */
function changeRole({ room, member: actor, input, now }: Context<"changeRole">): Change<Member> {
  const { user_id: userId, role } = input;
  const target = room.member(userId);
  const refusal = checkManage(actor, room.info.type) ?? (target && checkRole(actor, target, role));
  if (refusal) return unchanged(refused(refusal));
  if (!target) return unchanged(refused("NOT_FOUND", "This user is not a member of the conversation"));
  if (target.role === role) return answer(toMember(target));
  const changed = withRole(target, role);
  const rows = role === "owner" ? [changed, { ...actor, role: "admin" as const }] : [changed];
  const emissions = [updatedMembers(room, rows, actor)];
  const note = { event: "participant.updated", user_id: userId, ...toStanding(role) };
  emissions.push(announce(room, actor, note, now));
  return { outcome: found(toMember(changed)), emissions };
}

/** Writes changed members with the next `seq`, and builds their event. */
export function updatedMembers(room: Room, rows: MemberRow[], by: UserSummary): Emission {
  const seq = room.nextSeq();
  for (const row of rows) room.putMember({ ...row, changed_seq: seq, at_seq: seq });
  const data = { participants: rows.map(toMember), updated_by: by.user_id };
  return { event: { type: "participant.updated", conversation_id: room.id, seq, data }, to: room.audience };
}

export const membershipHandlers = {
  addParticipants: {
    needsPreparing: () => true,
    prepare({ room, member, people }, services) {
      // Who may not add anybody is refused in the turn.
      if (checkManage(member, room.info.type)) return undefined;
      return blocksOfNew(room, people, services).then(found);
    },
    apply: addParticipants,
  },
  removeParticipant: { apply: removeParticipant },
  changeRole: { apply: changeRole },
  leaveConversation: { apply: ({ room, member, now }) => leave(room, member, now) },
} satisfies Partial<Handlers>;
