/** Names and photos of members (rule 3). */
import { isCurrent } from "../../domain/access.ts";
import { type Caller, discretionOf, summaryOf } from "../../domain/caller.ts";
import type { Emission, Room } from "../state/room.ts";
import type { MemberRow } from "../state/store.ts";
import { visibleFrom } from "../state/visibility.ts";
import { updatedMembers } from "./membership.ts";

/**
 * Updates a member's profile if it is newer. An older or unknown one never replaces it. Former members are renamed too,
 * but without `participant.updated`, because they are not participants.
 */
export function refreshProfile(room: Room, profile: Caller): Emission[] {
  const member = room.roster.get(profile.user_id);
  // A profile may come late. It must not bring back an erased name.
  if (room.erased.has(profile.user_id)) return [];
  if (!member || profile.profile_version <= member.profile_version) return [];
  const same =
    member.username === profile.username &&
    member.display_name === profile.display_name &&
    member.profile_photo_url === profile.profile_photo_url;
  const { profile_version } = profile;
  const row = { ...member, ...summaryOf(profile), ...discretionOf(profile), profile_version };
  if (!same && isCurrent(member)) return [updatedMembers(room, [row], member)];
  room.putMember(same ? row : { ...row, at_seq: room.head });
  return same ? [] : [renamedFormer(room, row)];
}

/** The event for members who saw a former member leave: their messages now have another name. */
export function renamedFormer(room: Room, former: MemberRow): Emission {
  const witnesses = room.currentMembers().filter((member) => visibleFrom(member) < (former.left_seq ?? 0));
  return {
    event: { type: "former_member.updated", conversation_id: room.id, data: summaryOf(former) },
    to: new Set(witnesses.map((member) => member.user_id)),
  };
}
