/** What the viewer may do in a conversation: pure decisions, as the server makes them (rules 8, 10, 16, 17, rooms). */
import type { ConversationInfo, Member, Message } from "@rocket-chat-api/client";

/** What the viewer may do, and who the others are. */
export interface Rights {
  readonly viewerId: string;
  readonly isGroup: boolean;
  /** Whether the viewer is in it. */
  readonly isMember: boolean;
  /** Managers and moderators. */
  readonly isModerator: boolean;
  readonly canPin: boolean;
  /** Whether reactions are taken at all; a request takes none until it is accepted. */
  readonly canReact: boolean;
  /** The other person of a direct chat. */
  readonly other: Member | null;
}

/** What the rights follow from. */
export interface RightsFacts {
  viewerId: string;
  conversation: ConversationInfo | null;
  membership: "unknown" | "member" | "removed";
  isRequest: boolean;
  members: readonly Member[];
}

/** What the viewer may do. */
export function rightsOf({ viewerId, conversation, membership, isRequest, members }: RightsFacts): Rights {
  const isGroup = conversation?.type === "group";
  const own = members.find(({ user_id }) => user_id === viewerId);
  const isModerator = isGroup && own !== undefined && own.role !== "member";
  const isMember = membership === "member";
  const others = members.filter(({ user_id }) => user_id !== viewerId);
  return {
    viewerId,
    isGroup,
    isMember,
    isModerator,
    canPin:
      isMember &&
      !isRequest &&
      (!isGroup || isModerator || conversation?.settings.who_can_pin === "everyone"),
    canReact: isMember && !isRequest,
    other: isGroup ? null : (others[0] ?? null),
  };
}

/** Whether the viewer may change the text of a message. A caption cannot be edited. */
export function canEdit({ viewerId, isMember }: Rights, { sender_id, type, is_deleted }: Message): boolean {
  return isMember && sender_id === viewerId && type === "text" && !is_deleted;
}

/** Whether the viewer may delete a message for everyone. */
export function canDeleteForEveryone(
  { viewerId, isModerator, isMember }: Rights,
  { sender_id, type, is_deleted }: Message,
): boolean {
  return isMember && !is_deleted && type !== "system" && (sender_id === viewerId || isModerator);
}

/** Why nobody, or the viewer, can write here now. */
export type WriteStop =
  | { readonly why: "left" | "banned" | "frozen" | "admins" | "blocked" | "blocked_here" | "not_accepted" }
  /** @param until in milliseconds since 1970; null lasts until it is taken back. */
  | { readonly why: "muted"; readonly until: number | null };

/** What decides whether one can write. */
export interface WriteFacts {
  rights: Rights;
  conversation: ConversationInfo | null;
  membership: "unknown" | "member" | "removed";
  own: Member | undefined;
  /** Whether the viewer has blocked the other person of a direct chat. */
  hasBlocked: boolean;
  /** The code of the last refusal. */
  refused: string | null;
  /** Milliseconds since 1970. */
  now: number;
}

/** Why the viewer cannot write; null if they can. */
export function writeStop(facts: WriteFacts): WriteStop | null {
  const { rights, conversation, membership, own, hasBlocked, refused, now } = facts;
  if (membership === "removed") return { why: refused === "BANNED" ? "banned" : "left" };
  if (hasBlocked) return { why: "blocked_here" };
  if (refused === "BLOCKED") return { why: "blocked" };
  if (refused === "NOT_ACCEPTED") return { why: "not_accepted" };
  if (own?.mute) {
    const until = own.mute.until === null ? null : Date.parse(own.mute.until);
    if (until === null || until > now) return { why: "muted", until };
  }
  if (rights.isModerator || !conversation) return null;
  if (conversation.settings.is_frozen) return { why: "frozen" };
  return conversation.settings.only_admins_can_send ? { why: "admins" } : null;
}

/**
 * When a member may send again in slow mode, in milliseconds since 1970; 0 is now.
 * @param lastSent when the viewer's last message was sent or edited, in milliseconds since 1970.
 */
export function slowUntil(
  conversation: ConversationInfo | null,
  rights: Rights,
  lastSent: number | null,
): number {
  const seconds = conversation?.settings.slow_mode_seconds ?? 0;
  return seconds === 0 || rights.isModerator || lastSent === null ? 0 : lastSent + seconds * 1000;
}
