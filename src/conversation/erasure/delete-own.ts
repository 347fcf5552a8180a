/** Turns the messages of an erased person into tombstones, with one event for all that are deleted in a turn (rule 28). */
import type { ErasureOrder } from "../../domain/erased-person.ts";
import type { EpochMs } from "../../domain/time.ts";
import { CLEARED, clearParts } from "../parts.ts";
import type { Emission, Room } from "../state/room.ts";
import type { MessageRow } from "../state/store.ts";

/** What any other deletion leaves of a message, an erasure does not: how its client has called it. */
const ERASED: Partial<MessageRow> = { ...CLEARED, client_message_id: null };

/** Deletes messages for good: nothing is kept for a report. @returns the event, and which messages it is about. */
export function deleteOwn(
  room: Room,
  { user_id }: ErasureOrder,
  seqs: readonly number[],
  now: EpochMs,
): { seqs: number[]; files: number; emission: Emission }[] {
  const rows = room.store.messagesAt([...seqs]);
  for (const row of rows) {
    if (row.deleted_at !== null) room.store.updateMessage(row.seq, { client_message_id: null });
  }
  const shown = rows.filter((row) => row.deleted_at === null);
  if (shown.length === 0) return [];
  const seq = room.nextSeq();
  for (const row of shown) {
    room.store.updateMessage(row.seq, { ...ERASED, deleted_at: now, changed_seq: seq });
    clearParts(room, row.seq);
  }
  room.adjustCounts(
    shown.map((row) => ({
      seq: row.seq,
      sender_id: user_id,
      isDeleted: true,
      called: row.mentions,
      calls: null,
    })),
  );
  const places = shown.map((row) => row.seq);
  const ranges = [{ from_seq: Math.min(...places), to_seq: Math.max(...places) }];
  const data = { ranges, sender_id: user_id, deleted_by: user_id, reason: "erased" as const };
  const event = { type: "messages.deleted" as const, conversation_id: room.id, seq, data };
  const files = shown.flatMap((row) => row.attachments ?? []).length;
  return [{ seqs: places, files, emission: { event, to: room.audience } }];
}
