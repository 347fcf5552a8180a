/** Who may do what in a conversation (rules 6, 8, 10, 17). */
import {
  type ConversationType,
  type Failure,
  failure,
  type MessageType,
  type Role,
  type Settings,
  type Standing,
} from "@rocket-chat-api/protocol";

export interface Membership {
  role: Role;
  /** The `seq` at which this membership began. Earlier messages are not shown. */
  joined_seq: number;
  /** The `seq` at which it ended, or null. */
  left_seq: number | null;
}

/** Whether this is a current member. */
export function isCurrent<T extends Membership>(member: T | undefined): member is T {
  return member !== undefined && member.left_seq === null;
}

/** A role as clients see it (rule 8). */
export function toStanding(role: Role): Standing {
  return { role: role === "owner" ? "admin" : role, is_owner: role === "owner" };
}

/** Somebody with a role. */
export type Ranked = Pick<Membership, "role">;

/** What each role may do beyond the ones below it: a moderator moderates, an admin manages, the owner gives the group away. */
const RANKS: Readonly<Record<Role, number>> = { member: 0, moderator: 1, admin: 2, owner: 3 };

/** Whether one role is above another. */
export function outranks(one: Ranked, other: Ranked): boolean {
  return RANKS[one.role] > RANKS[other.role];
}

/** Whether a member is the owner or an admin. */
export function isManager(member: Ranked): boolean {
  return RANKS[member.role] >= RANKS.admin;
}

/**
 * Whether a member is a moderator, an admin or the owner: who may mute and ban, and who writes, pins and calls all where
 * plain members may not.
 */
export function mayModerate(member: Ranked): boolean {
  return member.role !== "member";
}

/** Why a member may not send, or undefined. */
export function checkSend(member: Membership, settings: Settings): Failure | undefined {
  if (settings.only_admins_can_send && !mayModerate(member)) {
    return failure("FORBIDDEN", "Only admins and moderators can send messages in this conversation");
  }
  return undefined;
}

/**
 * Why a member may bring nothing new to a direct conversation, or undefined (rule 29).
 * @param isClosed whether one of the two has blocked the other. It holds for both.
 */
export function checkOpen(isClosed: boolean): Failure | undefined {
  return isClosed ? failure("BLOCKED") : undefined;
}

/** Why a member may not change the conversation or its members, or undefined. */
export function checkManage(member: Membership, type: ConversationType): Failure | undefined {
  if (type === "direct") return failure("VALIDATION_ERROR", "Not available in a direct conversation");
  return isManager(member) ? undefined : failure("FORBIDDEN", "Only the owner and admins can do this");
}

/** Why a member may not delete a message for everyone, or undefined. A moderator deletes anybody's, whatever their role. */
export function checkDelete(
  member: Membership & { user_id: string },
  message: { sender_id: string; type: MessageType },
  conversationType: ConversationType,
): Failure | undefined {
  if (message.type === "system") return failure("FORBIDDEN", "System messages cannot be deleted");
  if (message.sender_id === member.user_id) return undefined;
  if (conversationType === "group" && mayModerate(member)) return undefined;
  return failure("FORBIDDEN", "Only the sender, an admin or a moderator can delete a message for everyone");
}

/** Why a member may not change the role of `target` to `role`, or undefined. */
export function checkRole(member: Membership, target: Membership, role: Role): Failure | undefined {
  if (target.role === "owner" && role !== "owner") {
    return failure("FORBIDDEN", "The owner must transfer ownership or leave");
  }
  if (role === "owner" && member.role !== "owner") {
    return failure("FORBIDDEN", "Only the owner can transfer ownership");
  }
  return undefined;
}
