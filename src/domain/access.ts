/** Who may do what in a conversation (rules 6, 8, 10). */
import { type Failure, failure, type Role, type Settings } from "../protocol/index.ts";

export interface Membership {
  role: Role;
  /** The `seq` at which this stretch of membership began: nothing before it is shown. */
  joined_seq: number;
  /** The `seq` at which it ended, or null. */
  left_seq: number | null;
}

/** Whether somebody is a member now. */
export function isCurrent<T extends Membership>(member: T | undefined): member is T {
  return member !== undefined && member.left_seq === null;
}

/** Owner and admins. */
export function isManager(member: Membership): boolean {
  return member.role !== "member";
}

/** Why this member may not send, or undefined. */
export function refuseSend(member: Membership, settings: Settings): Failure | undefined {
  if (settings.only_admins_can_send && !isManager(member)) {
    return failure("FORBIDDEN", "Only admins can send in this conversation");
  }
  return undefined;
}
