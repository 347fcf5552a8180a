/**
 * Erases a person from a conversation, some of it in each turn, from the newest message to the oldest (rule 28). What is done stands in
 * a row of the same turn, so it may be interrupted at any point, and is counted once.
 */
import type { ErasedCounts } from "@rocket-chat-api/protocol";
import type { ErasedSome, ErasureOrder } from "../../domain/erased-person.ts";
import type { EpochMs } from "../../domain/time.ts";
import { erasureOf, putErasure } from "../state/erasures.ts";
import { answer, type Change, type Emission, type Room } from "../state/room.ts";
import { beginErasure } from "./begin.ts";
import { deleteOwn } from "./delete-own.ts";
import { dropKept } from "./drop-kept.ts";
import { findTraces } from "./find.ts";
import { removeReactions, removeTraces } from "./remove-traces.ts";

/** Begins, or erases some more. */
export function eraseSome(room: Room, order: ErasureOrder, now: EpochMs): Change<ErasedSome> {
  const erasure = erasureOf(room.store, order.user_id);
  if (!erasure) {
    const begun = beginErasure(room, order, now);
    const { counts } = erasureOf(room.store, order.user_id) ?? { counts: NOTHING };
    return { ...answer({ more: true, counts }), ...begun };
  }
  const { before_seq, counts } = erasure;
  if (before_seq <= 1) return answer({ more: false, counts });
  const emissions: Emission[] = [];
  const found = findTraces(room, order, before_seq);
  // Before the messages go that have them, so that they are counted.
  const reactions = removeReactions(room, order.user_id, found.reacted);
  const deleted = order.messages === "erase" ? deleteOwn(room, order, found.own, now) : [];
  emissions.push(...deleted.map(({ emission }) => emission));
  const gone = new Set(deleted.flatMap(({ seqs }) => seqs));
  const removed = removeTraces(room, order, found, gone);
  emissions.push(...removed.emissions);
  dropKept(room, order, { ...found, to: before_seq - 1 });
  const files = deleted.reduce((sum, one) => sum + one.files, 0);
  const done = { ...removed.counts, messages: removed.counts.messages + gone.size, reactions, files };
  const sum = added(counts, done);
  putErasure(room.store, { ...erasure, before_seq: found.from, counts: sum });
  return { ...answer({ more: found.from > 1, counts: sum }), emissions };
}

const NOTHING: ErasedCounts = { messages: 0, reactions: 0, mentions: 0, notes: 0, files: 0 };

function added(one: ErasedCounts, other: ErasedCounts): ErasedCounts {
  return {
    messages: one.messages + other.messages,
    reactions: one.reactions + other.reactions,
    mentions: one.mentions + other.mentions,
    notes: one.notes + other.notes,
    files: one.files + other.files,
  };
}
