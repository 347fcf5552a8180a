/** What the viewer may do with a group and its members: pure decisions, as the server makes them (docs/contract.md, rules 8 and 29). */
import type { Member, Role } from "@rocket-chat-api/client";

/** Who can do more than the ones before. */
const RANKS = ["member", "moderator", "admin", "owner"] as const satisfies readonly Role[];

/** What a role is read from. */
export type Standing = Pick<Member, "role" | "is_owner">;

/** The role of a member, the owner's too. */
export function roleOf({ role, is_owner }: Standing): Role {
  return is_owner ? "owner" : role;
}

function rankOf(standing: Standing | undefined): number {
  return standing ? RANKS.indexOf(roleOf(standing)) : -1;
}

/** Whether this is the owner or an admin: they change the group, and who is in it. */
export function isManager(own: Standing | undefined): boolean {
  return rankOf(own) >= RANKS.indexOf("admin");
}

/** Whether this is a moderator or more: they mute and ban. */
export function isModerator(own: Standing | undefined): boolean {
  return rankOf(own) >= RANKS.indexOf("moderator");
}

/** What the viewer may do with one member. */
export interface MemberRights {
  /** The roles that they can get; never the one they have. */
  roles: readonly Exclude<Role, "owner">[];
  /** Whether the group can be handed over to them. */
  canBeOwner: boolean;
  canRemove: boolean;
  /** Whether they can be muted, unmuted and banned. */
  canModerate: boolean;
}

const NOTHING: MemberRights = { roles: [], canBeOwner: false, canRemove: false, canModerate: false };

/** What the viewer may do with a member. @param own the viewer; undefined may nothing. */
export function rightsOver(own: Member | undefined, member: Member): MemberRights {
  if (!own || own.user_id === member.user_id) return NOTHING;
  const mayManage = isManager(own) && !member.is_owner;
  const others = (["admin", "moderator", "member"] as const).filter((role) => role !== member.role);
  return {
    roles: mayManage ? others : [],
    canBeOwner: own.is_owner,
    canRemove: mayManage,
    canModerate: isModerator(own) && rankOf(own) > rankOf(member),
  };
}

/** Whether a mute or a ban holds. @param now in milliseconds since 1970. */
export function isInForce(sanction: { until: string | null } | null | undefined, now: number): boolean {
  return sanction != null && (sanction.until === null || Date.parse(sanction.until) > now);
}

/** Members in the order in which they are shown: who can do more first, then by name. The viewer leads their rank. */
export function inOrder(members: readonly Member[], viewerId: string, locale: string): readonly Member[] {
  const names = new Intl.Collator(locale, { sensitivity: "base", numeric: true });
  const weight = (member: Member) => 2 * rankOf(member) + (member.user_id === viewerId ? 1 : 0);
  return [...members].sort(
    (one, other) => weight(other) - weight(one) || names.compare(one.display_name, other.display_name),
  );
}

/** Members whose name or username has what is typed, without regard to case and accents. */
export function matching(members: readonly Member[], q: string): readonly Member[] {
  const wanted = folded(q.trim());
  if (wanted === "") return members;
  return members.filter(
    ({ display_name, username }) =>
      folded(display_name).includes(wanted) || folded(username).includes(wanted),
  );
}

function folded(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}
