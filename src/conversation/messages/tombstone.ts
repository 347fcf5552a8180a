/** Turns messages into tombstones, and brings withheld ones back (rules 17 and 29). */
import { type Message, messageId } from "@rocket-chat-api/protocol";
import { keyOf } from "../../domain/attachments.ts";
import type { EpochMs } from "../../domain/time.ts";
import { bringPartsBack, CLEARED, clearParts, keepParts } from "../parts.ts";
import { dropEvidence, type Evidence, keepEvidence, restoreVersions } from "../state/evidence.ts";
import type { Change, Emission, Room } from "../state/room.ts";
import type { MessageRow } from "../state/store.ts";
import { toMessages } from "./views.ts";

/** How messages are deleted. */
export interface Deletion {
  /** Who deletes, as members hear it. */
  by: (row: MessageRow) => string;
  reason: "deleted" | "expired";
  now: EpochMs;
  /** Until when a report can still show the content: never, until a time, or as long as the message is withheld. */
  evidence: "none" | EpochMs | "withheld";
}

/** Until when what is deleted now is kept as evidence. @param evidenceMs the setting of the deployment. */
export function evidenceUntil(evidenceMs: number, now: EpochMs): Deletion["evidence"] {
  return evidenceMs > 0 ? now + evidenceMs : "none";
}

/** The data of `message.deleted`. */
export function deletion(
  room: Room,
  seq: number,
  deleted_by: string,
  for_everyone: boolean,
  reason: Deletion["reason"],
) {
  return { message_id: messageId(room.id, seq), deleted_by, for_everyone, reason };
}

/** Turns messages into tombstones: they keep their place and lose their content and parts. */
export function tombstone(
  room: Room,
  rows: MessageRow[],
  { by, reason, now, evidence }: Deletion,
): Required<Pick<Change<null>, "emissions" | "discarded">> {
  const emissions = rows.map((row): Emission => {
    keep(room, row, evidence);
    const seq = room.nextSeq();
    room.store.updateMessage(row.seq, { ...CLEARED, deleted_at: now, changed_seq: seq });
    clearParts(room, row.seq);
    const data = deletion(room, row.seq, by(row), true, reason);
    const event = { type: "message.deleted" as const, conversation_id: room.id, seq, data };
    return { event, to: room.audience };
  });
  room.adjustCounts(
    rows.map(({ seq, sender_id, mentions }) => ({
      seq,
      sender_id,
      isDeleted: true,
      called: mentions,
      calls: null,
    })),
  );
  return { emissions, discarded: evidence === "withheld" ? [] : filesOf(rows) };
}

/** The keys of the files that messages show. */
export function filesOf(rows: readonly MessageRow[]): string[] {
  return rows.flatMap((row) => row.attachments ?? []).map(keyOf);
}

function keep(room: Room, row: MessageRow, until: Deletion["evidence"]): void {
  if (until === "none") return;
  const isWithheld = until === "withheld";
  keepEvidence(room, row, isWithheld ? null : until, isWithheld ? keepParts(room, row.seq) : null);
}

/**
 * Brings a withheld message back as it was. For members its whole content has changed: they have seen it deleted.
 * @param kept of a message that is withheld.
 */
export function bringBack(room: Room, { row, parts }: Evidence, now: EpochMs): Emission[] {
  const { seq, sender_id, mentions } = row;
  const changed_seq = room.nextSeq();
  // Its places and numbers are as they are; a column that a later release has added keeps what it holds.
  const restored = { ...row, deleted_at: null, restored_at: now, changed_seq };
  room.store.updateMessage(seq, restored);
  restoreVersions(room, seq);
  bringPartsBack(room, restored, parts ?? {});
  dropEvidence(room.store, [seq]);
  room.adjustCounts([{ seq, sender_id, isDeleted: false, isRestored: true, called: null, calls: mentions }]);
  return restorations(room, restored);
}

/** The events of a message that is back. A viewer who has blocked a person does not see that person's reactions and quotes in it. */
function restorations(room: Room, row: MessageRow): Emission[] {
  const event = (viewerId: string | null): Emission["event"] => {
    const data = {
      message_id: messageId(room.id, row.seq),
      changed_seq: row.changed_seq,
      patch: patchOf(room, row, viewerId),
    };
    return { type: "message.updated", conversation_id: room.id, seq: row.changed_seq, data };
  };
  if (room.blocks.hidesNothing) return [{ event: event(null), to: room.audience }];
  const blockers = [...room.audience].filter((userId) => room.blocks.unseenBy(userId).size > 0);
  const others = new Set(room.audience);
  for (const userId of blockers) others.delete(userId);
  return [
    { event: event(null), to: others },
    ...blockers.map((userId) => ({ event: event(userId), to: new Set([userId]) })),
  ];
}

/** Everything of a message that can change. */
function patchOf(room: Room, row: MessageRow, viewerId: string | null): Partial<Message> {
  const [message] = toMessages(room, [row], viewerId);
  if (!message) throw new Error("a row without a view");
  const { message_id: _, conversation_id: __, seq: ___, changed_seq: ____, ...rest } = message;
  const { sender_id: _____, sender: ______, ...patch } = rest;
  return patch;
}
