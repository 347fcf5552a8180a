/** Deletes messages: for the caller, for everyone, and by expiry (rules 10 and 17). */

import { messageId } from "@rocket-chat-api/protocol";
import { checkDelete } from "../../domain/access.ts";
import { keyOf } from "../../domain/attachments.ts";
import { refused } from "../../domain/outcome.ts";
import type { EpochMs } from "../../domain/time.ts";
import { CLEARED, clearParts } from "../parts.ts";
import { recount } from "../receipts/unread.ts";
import type { Context, Handlers } from "../state/handler.ts";
import { answer, type Change, type Emission, type Room, unchanged } from "../state/room.ts";
import type { MemberRow, MessageRow } from "../state/store.ts";
import { openMessage, visible } from "../state/visibility.ts";

/** Expired messages deleted in one turn. */
const SWEEP = 100;

/** Deletes a message. Repeating it changes nothing. */
function deleteMessage({ room, member, seq, input, now }: Context<"deleteMessage">): Change<null> {
  // Not `visible`: a message that the caller has hidden can still be deleted for everyone.
  const row = openMessage(room, member, seq);
  if (!row) return unchanged(refused("NOT_FOUND", "No such message"));
  if (!input.delete_for_everyone) return hide(room, member, row);
  const refusal = checkDelete(member, row, room.info.type);
  if (refusal) return unchanged(refused(refusal));
  if (row.deleted_at !== null) return answer(null);
  return { ...answer(null), ...tombstone(room, [row], () => member.user_id, "deleted", now) };
}

/** Hides a message from the member. Only their own devices are notified. */
function hide(room: Room, member: MemberRow, row: MessageRow): Change<null> {
  if (!visible(room, member, row.seq)) return answer(null);
  const { user_id } = member;
  room.hidden.add({ user_id, seq: row.seq, at_seq: room.head, rev: room.nextRev() });
  recount(room, member);
  const data = deletion(room, row.seq, user_id, false, "deleted");
  const event = { type: "message.deleted" as const, conversation_id: room.id, data };
  return { ...answer(null), emissions: [{ event, to: new Set([user_id]) }] };
}

function deletion(
  room: Room,
  seq: number,
  deleted_by: string,
  for_everyone: boolean,
  reason: "deleted" | "expired",
) {
  return { message_id: messageId(room.id, seq), deleted_by, for_everyone, reason };
}

/** Turns messages into tombstones: they keep their place and lose their content and parts. */
function tombstone(
  room: Room,
  rows: MessageRow[],
  by: (row: MessageRow) => string,
  reason: "deleted" | "expired",
  now: EpochMs,
): { emissions: Emission[]; discarded: string[] } {
  const discarded = rows.flatMap((row) => row.attachments ?? []).map(keyOf);
  const emissions = rows.map((row): Emission => {
    const seq = room.nextSeq();
    room.store.updateMessage(row.seq, {
      ...CLEARED,
      deleted_at: now,
      changed_seq: seq,
    });
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
  return { emissions, discarded };
}

/** Deletes some expired messages (rule 10). @returns the change, and whether more are waiting. */
export function deleteExpired(room: Room, now: EpochMs): Change<{ more: boolean }> {
  const rows = room.store.expired(now, SWEEP);
  if (rows.length === 0) return answer({ more: false });
  const buried = tombstone(room, rows, (row) => row.sender_id, "expired", now);
  return { ...answer({ more: rows.length === SWEEP }), ...buried };
}

export const deleteHandlers = {
  deleteMessage: { apply: deleteMessage },
} satisfies Partial<Handlers>;
