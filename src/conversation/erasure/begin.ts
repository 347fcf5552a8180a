/**
 * The first turn of the erasure of a person (rule 28): from now on the roster has a name that is nobody's, the person is out of the
 * group, and cannot write.
 */
import type { ErasedCounts } from "@rocket-chat-api/protocol";
import { eq } from "drizzle-orm";
import { isCurrent } from "../../domain/access.ts";
import { type ErasureOrder, erasedProfile, withoutNames } from "../../domain/erased-person.ts";
import { SYSTEM } from "../../domain/system-user.ts";
import type { EpochMs } from "../../domain/time.ts";
import { takeOut, updatedMembers } from "../members/membership.ts";
import { renamedFormer } from "../members/profiles.ts";
import { announce } from "../messages/system.ts";
import type { Erasure } from "../state/erasures.ts";
import type { Emission, Room } from "../state/room.ts";
import * as schema from "../state/schema.ts";
import type { MemberRow } from "../state/store.ts";

const NOTHING: ErasedCounts = { messages: 0, reactions: 0, mentions: 0, notes: 0, files: 0 };

/** Begins. @returns what members hear, and whether the person was a member until now. */
export function beginErasure(
  room: Room,
  order: ErasureOrder,
  now: EpochMs,
): { emissions: Emission[]; removed: string[] } {
  const { user_id, messages } = order;
  const begun: Erasure = { user_id, messages, before_seq: room.head + 1, counts: NOTHING };
  room.store.db.insert(schema.erasures).values(begun).run();
  room.erased.add(user_id);
  clearOwn(room, order);
  const emissions = renameGroup(room, order, now);
  const member = room.roster.get(user_id);
  if (!member) return { emissions, removed: [] };
  const { wasMember, told } = renameMember(room, member, order);
  emissions.push(...told);
  if (!wasMember || room.info.type === "direct") return { emissions, removed: wasMember ? [user_id] : [] };
  const left = room.member(user_id) ?? member;
  emissions.push(...takeOut(room, left, left));
  emissions.push(announce(room, left, { event: "participant.removed", user_id }, now));
  return { emissions, removed: [user_id] };
}

/** Gives the person the name of nobody. What others know of how far they have read stays as it is. */
function renameMember(room: Room, member: MemberRow, { user_id, profile_version }: ErasureOrder) {
  const wasMember = isCurrent(member);
  const row = {
    ...member,
    ...erasedProfile(user_id),
    profile_version,
    muted_until: null,
    muted_reason: null,
  };
  if (wasMember) return { wasMember, told: [updatedMembers(room, [row], row)] };
  room.putMember({ ...row, at_seq: room.head });
  return { wasMember, told: [renamedFormer(room, row)] };
}

/** Deletes what is only about this person: what they have read, hidden, blocked, and why they were banned. */
function clearOwn({ store }: Room, { user_id, messages }: ErasureOrder): void {
  const { hidden, slowEdits, readMarks, blocks, bans } = schema;
  store.db.delete(hidden).where(eq(hidden.user_id, user_id)).run();
  store.db.delete(slowEdits).where(eq(slowEdits.user_id, user_id)).run();
  store.db.delete(readMarks).where(eq(readMarks.user_id, user_id)).run();
  store.db.delete(blocks).where(eq(blocks.blocker_id, user_id)).run();
  const { [user_id]: own, ...others } = store.delivered();
  if (own) store.putDelivered(others);
  // The ban itself stays. Why, and by which name, is not kept.
  const person = erasedProfile(user_id);
  store.db.update(bans).set({ person, reason: null }).where(eq(bans.user_id, user_id)).run();
  if (messages === "erase")
    store.db.update(bans).set({ reason: null }).where(eq(bans.banned_by, user_id)).run();
}

/** Takes the person's name out of the name of the group, and out of its description. */
function renameGroup(room: Room, { names }: ErasureOrder, now: EpochMs): Emission[] {
  const { name, description, photo_url, settings, metadata } = room.info;
  const plain = {
    name: name && withoutNames(name, names),
    description: description && withoutNames(description, names),
  };
  if (plain.name === name && plain.description === description) return [];
  const seq = room.nextSeq();
  room.info = { ...room.info, ...plain, changed_seq: seq };
  room.store.updateConversation({ ...plain, changed_seq: seq });
  const data = { ...plain, photo_url, settings, metadata, updated_by: SYSTEM.user_id };
  const changed = [
    ...(plain.name === name ? [] : ["name"]),
    ...(plain.description === description ? [] : ["description"]),
  ];
  return [
    { event: { type: "conversation.updated", conversation_id: room.id, seq, data }, to: room.audience },
    announce(room, SYSTEM, { event: "conversation.updated", changed }, now, { typed: plain.name }),
  ];
}
