/**
 * Makes a conversation whole that has come back as it was (domain/recovery.ts): in one transaction, so it may be interrupted. What must
 * not come back with it is taken out again, and everything that is kept elsewhere is written once more.
 */
import type { UserSummary } from "@rocket-chat-api/protocol";
import type { BlockWord } from "../../domain/blocks.ts";
import { endedBlocks, type FinishOrder, joinRanges, type KnownPerson } from "../../domain/recovery.ts";
import { SYSTEM } from "../../domain/system-user.ts";
import type { EpochMs } from "../../domain/time.ts";
import { noteFileBytes } from "../../realtime/rewrite-storage.ts";
import { eraseSome } from "../erasure/erase-some.ts";
import { setBlocks } from "../members/blocks.ts";
import { join } from "../members/membership.ts";
import { refreshProfile } from "../members/profiles.ts";
import { addReadMark, readUpTo } from "../receipts/read.ts";
import { tellsReads } from "../receipts/shown-marks.ts";
import { newestBefore } from "../state/newest-before.ts";
import type { Retention } from "../state/retained.ts";
import { type Emission, Room } from "../state/room.ts";
import * as schema from "../state/schema.ts";
import type { Store } from "../state/store.ts";
import { shiftPlaces } from "./shift.ts";

/** What of the object it changes. */
export interface Recovering {
  store: Store;
  storage: DurableObjectStorage;
  retention: Pick<Retention, "retained" | "put">;
}

/** What has become of it. */
export interface Finished {
  /** The conversation, with its new head. */
  room: Room;
  /** What people hear who are not in it any more. */
  emissions: Emission[];
  removed: string[];
}

/** Makes it whole. Call it in a transaction, and forget the room that is in memory. */
export function finishRecovery(its: Recovering, order: FinishOrder, now: EpochMs): Finished {
  const { store, storage } = its;
  noteFileBytes(storage);
  const before = mustLoad(store);
  // No change that is no message has a time. So numbers of changes right after this message are given again, too: it harms nobody.
  const after = newestBefore(store, order.said_since);
  const range = { after, up_to: order.up_to };
  shiftPlaces(store, before.id, range);
  forgetPlaces(its, range.after);
  setNextNote(storage, order.up_to);
  goPast(store, order);
  const forgotten = joinRanges(store.recoveries.forgotten, order.forgotten, [range]);
  store.recoveries.putRecovered({ job_id: order.job_id, forgotten });
  const room = mustLoad(store);
  const erased = new Set(order.erased.map(({ user_id }) => user_id));
  const others = order.people.filter(({ profile }) => !erased.has(profile.user_id));
  const emissions = others.flatMap((person) => placePerson(room, person));
  takeBlocks(room, order.blocks);
  for (const person of others) restoreRead(room, person, after, now);
  for (const one of order.erased) erase(room, one, before.person(one.user_id), now);
  return { room, emissions, removed: emissions.flatMap(({ to }) => [...to]) };
}

function mustLoad(store: Store): Room {
  const room = Room.load(store);
  if (!room) throw new Error("the conversation is gone");
  return room;
}

/** What is known elsewhere of hubs is not as it was: all are called again, and say what they want to hear. */
function forgetPlaces({ store, retention }: Recovering, after: number): void {
  store.db.delete(schema.idleHubs).run();
  store.db.update(schema.pushWords).set({ behind_seq: null, failures: 0, retry_at: null }).run();
  const { upTo, kept, lookAgainAt } = retention.retained;
  if (upTo > after) retention.put({ upTo: after, kept: kept.filter((seq) => seq <= after), lookAgainAt });
}

/** Notes of moderation are known in the log by their numbers: those that were given since are not given again. */
function setNextNote({ sql: storage }: DurableObjectStorage, least: number): void {
  const [row] = storage
    .exec<{ seq: number }>("SELECT seq FROM sqlite_sequence WHERE name = 'moderation_notes'")
    .toArray();
  storage.exec("DELETE FROM sqlite_sequence WHERE name = 'moderation_notes'");
  storage.exec(
    "INSERT INTO sqlite_sequence (name, seq) VALUES ('moderation_notes', ?)",
    Math.max(row?.seq ?? 0, least),
  );
}

/** Moves the counter and the revision past everything that was ever given. */
function goPast(store: Store, { up_to, rev }: Pick<FinishOrder, "up_to" | "rev">): void {
  const heads = store.heads();
  store.updateConversation({ changed_seq: Math.max(heads.seq, up_to) + 1 });
  // The directory, and hubs, keep what has the higher revision.
  store.db
    .update(schema.members)
    .set({ rev: Math.max(heads.rev, rev) + 1 })
    .run();
}

/**
 * A member or former member gets the profile of today. Who was no member at that time is out, and hears it: they stay in the roster
 * as a former member, so that the directory and `/sync` know.
 */
function placePerson(room: Room, { profile, is_member }: KnownPerson): Emission[] {
  const { user_id, username } = profile;
  refreshProfile(room, profile);
  if (!is_member || room.member(user_id)) return [];
  const { head: seq, id: conversation_id } = room;
  // As of one moment, so that they have seen nothing more.
  const row = room.roster.get(user_id) ?? { ...join(room, profile, "member", seq), visible_from: null };
  room.putMember({ ...row, left_seq: seq, changed_seq: seq, at_seq: seq });
  const data = {
    user_id,
    username,
    participant_count: room.audience.size,
    removed_by: SYSTEM.user_id,
  };
  return [{ event: { type: "participant.removed", conversation_id, seq, data }, to: new Set([user_id]) }];
}

/** Takes the blocks of today. */
function takeBlocks(room: Room, current: readonly BlockWord[]): void {
  setBlocks(room, [...endedBlocks(room.blocks.words(), current), ...current]);
}

/** What a member has read since then stays read, as far as it is there. */
function restoreRead(room: Room, { profile, last_read_seq }: KnownPerson, after: number, now: EpochMs): void {
  const member = room.member(profile.user_id);
  const seq = room.messageAt(Math.min(last_read_seq, after));
  if (!member || seq <= member.last_read_seq) return;
  readUpTo(room, member, seq);
  if (tellsReads(member)) addReadMark(room, member.user_id, seq, now);
}

/** An erased person does not come back: they are erased again, in the same transaction. */
function erase(
  room: Room,
  order: FinishOrder["erased"][number],
  { username, display_name }: UserSummary,
  now: EpochMs,
): void {
  const names = [...new Set([username, display_name])];
  for (let more = true; more; ) {
    const { outcome } = eraseSome(room, { ...order, names }, now);
    more = outcome.ok && outcome.body.more;
  }
}
