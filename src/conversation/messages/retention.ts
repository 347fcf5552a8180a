/**
 * Deletes messages that are older than they are kept (rule 10), oldest first, in turns of up to a thousand. Each becomes a
 * tombstone, which keeps its place: numbers, unread counts and receipts are worked out from it. Members hear of a turn with one
 * event. Pinned messages stay, and those with an open report.
 */
import { inArray } from "drizzle-orm";
import { earliest } from "../../domain/deadlines.ts";
import {
  chooseGoing,
  daysKept,
  type Going,
  goesAt,
  keptSince,
  LOOK_AGAIN_MS,
  type OldMessage,
} from "../../domain/retention.ts";
import { SYSTEM } from "../../domain/system-user.ts";
import type { EpochMs } from "../../domain/time.ts";
import { CLEARED, clearPartsOf } from "../parts.ts";
import { oneOf } from "../state/one-of.ts";
import { LOOKED_AT, type Retention } from "../state/retained.ts";
import { answer, type Change, type Emission, type Room } from "../state/room.ts";
import { messages, pins } from "../state/schema.ts";
import { filesOf } from "./tombstone.ts";

/** The columns of a message that is kept no longer. What the app has put into one of the system goes too. */
const GONE = { ...CLEARED, system: null };

/** What retention works with. */
export interface Retaining {
  room: Room;
  retention: Retention;
  /** The deployment's days; undefined if it keeps messages for ever. */
  deploymentDays: number | undefined;
}

function daysOf({ room, deploymentDays }: Retaining): number | undefined {
  return daysKept(deploymentDays, room.info.settings.retention_days ?? null);
}

/** When the next message is to go, or one that stays is to be looked at again; undefined if nothing ever is. */
export function nextRetention(its: Retaining): EpochMs | undefined {
  const days = daysOf(its);
  if (days === undefined) return undefined;
  const oldest = its.retention.oldest();
  return earliest(
    oldest === undefined ? undefined : goesAt(oldest, days),
    its.retention.retained.lookAgainAt ?? undefined,
  );
}

/**
 * Deletes the next messages.
 * @param reported those of the conversation with an open report, by their `seq`.
 * @returns the change, and whether more are to go.
 */
export function deleteOld(
  its: Retaining,
  reported: ReadonlySet<number>,
  now: EpochMs,
): Change<{ more: boolean }> {
  const days = daysOf(its);
  if (days === undefined) return answer({ more: false });
  const { room, retention } = its;
  const { retained } = retention;
  const isTime = retained.lookAgainAt !== null && retained.lookAgainAt <= now;
  const since = keptSince(days, now);
  const there = isTime ? stillThere(room, retained.kept) : [];
  // Messages may be kept for longer than when these were looked at.
  const again = there.filter(({ created_at }) => created_at < since);
  const young = there.filter(({ created_at }) => created_at >= since).map(({ seq }) => seq);
  const next = retention.next(since);
  const pinned = new Set(
    room.store.db
      .select({ seq: pins.seq })
      .from(pins)
      .all()
      .map(({ seq }) => seq),
  );
  const old = [...again, ...next];
  const going = chooseGoing(old, (seq) => pinned.has(seq) || reported.has(seq));
  const left = isTime ? again.map(({ seq }) => seq).filter((seq) => seq > going.upTo) : retained.kept;
  const kept = [...left, ...young, ...going.kept];
  const lookAt = isTime || retained.lookAgainAt === null ? now + LOOK_AGAIN_MS : retained.lookAgainAt;
  const lookAgainAt = kept.length === 0 ? null : lookAt;
  retention.put({ upTo: Math.max(going.upTo, retained.upTo), kept, lookAgainAt });
  const isCut = going.upTo < (old.at(-1)?.seq ?? 0);
  const outcome = answer({ more: isCut || next.length === LOOKED_AT });
  return going.seqs.length === 0 ? outcome : { ...outcome, ...toTombstones(room, going, now) };
}

/** Those of the messages that stayed which are still there, in order. */
function stillThere({ store }: Room, seqs: readonly number[]): (OldMessage & { created_at: EpochMs })[] {
  const rows = store.messagesAt([...seqs]).filter((row) => row.deleted_at === null);
  return rows
    .map(({ seq, created_at }) => ({ seq, created_at, isDeleted: false }))
    .sort((one, other) => one.seq - other.seq);
}

/** Turns messages into tombstones that share a number, with one event. Few statements, whatever their number. */
function toTombstones(
  room: Room,
  { seqs, ranges }: Going,
  now: EpochMs,
): Required<Pick<Change<null>, "emissions" | "discarded">> {
  const rows = room.store.messagesAt([...seqs]);
  const seq = room.nextSeq();
  room.store.db
    .update(messages)
    .set({ ...GONE, deleted_at: now, changed_seq: seq })
    .where(inArray(messages.seq, oneOf(seqs)))
    .run();
  clearPartsOf(room, seqs);
  // System messages are not counted, and a member who has read past these counts none of them.
  const readUpTo = Math.min(...room.currentMembers().map((member) => member.last_read_seq));
  room.adjustCounts(
    rows
      .filter((row) => row.seq > readUpTo && row.type !== "system")
      .map((row) => ({
        seq: row.seq,
        sender_id: row.sender_id,
        isDeleted: true,
        called: row.mentions,
        calls: null,
      })),
  );
  const data = { ranges, sender_id: null, deleted_by: SYSTEM.user_id, reason: "expired" as const };
  const event = { type: "messages.deleted" as const, conversation_id: room.id, seq, data };
  const emission: Emission = { event, to: room.audience };
  return { emissions: [emission], discarded: filesOf(rows) };
}
