/**
 * The first turn of the erasure of a person (rule 28): from now on the roster has a name that is nobody's, the person is out of the
 * group, and cannot write.
 */
import type { ErasedCounts } from "@rocket-chat-api/protocol";
import { and, eq, isNotNull, isNull, or } from "drizzle-orm";
import { isCurrent } from "../../domain/access.ts";
import { type ErasureOrder, erasedProfile, withoutNamed, withoutNames } from "../../domain/erased-person.ts";
import { NOT_MUTED } from "../../domain/moderation.ts";
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
    ...NOT_MUTED,
  };
  if (wasMember) return { wasMember, told: [updatedMembers(room, [row], row)] };
  room.putMember({ ...row, at_seq: room.head });
  return { wasMember, told: [renamedFormer(room, row)] };
}

/** Deletes what is only about this person: what they have read, hidden, blocked, and why they were banned. */
function clearOwn(room: Room, { user_id, messages }: ErasureOrder): void {
  const { store } = room;
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
  if (messages === "erase") clearReasons(room, user_id);
}

/** Deletes why the person has banned and muted others. What an older release has written does not say by whom a mute is. */
function clearReasons({ store, roster }: Room, user_id: string): void {
  const { bans, members } = schema;
  store.db.update(bans).set({ reason: null }).where(eq(bans.banned_by, user_id)).run();
  const isTheirs = or(eq(members.muted_by, user_id), isNull(members.muted_by));
  const cleared = store.db
    .update(members)
    .set({ muted_reason: null })
    .where(and(isNotNull(members.muted_reason), isTheirs))
    .returning({ user_id: members.user_id })
    .all();
  for (const { user_id: id } of cleared) {
    const known = roster.get(id);
    if (known) roster.set(id, { ...known, muted_reason: null });
  }
}

/** Takes the person's name out of the name of the group, and out of its description. A photo whose address has it goes. */
function renameGroup(room: Room, { names }: ErasureOrder, now: EpochMs): Emission[] {
  const { name, description, photo_url, settings, metadata } = room.info;
  const plain = {
    name: name && withoutNames(name, names),
    description: description && withoutNames(description, names),
    photo_url: withoutNamed(photo_url, names),
  };
  const changed = (["name", "description", "photo_url"] as const).filter(
    (field) => plain[field] !== room.info[field],
  );
  if (changed.length === 0) return [];
  const seq = room.nextSeq();
  room.info = { ...room.info, ...plain, changed_seq: seq };
  room.store.updateConversation({ ...plain, changed_seq: seq });
  const data = { ...plain, settings, metadata, updated_by: SYSTEM.user_id };
  return [
    { event: { type: "conversation.updated", conversation_id: room.id, seq, data }, to: room.audience },
    announce(room, SYSTEM, { event: "conversation.updated", changed }, now, { typed: plain.name }),
  ];
}
