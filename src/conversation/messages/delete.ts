/** Deletes messages: for the caller, for everyone, and by expiry (rules 10 and 17). */

import { checkDelete } from "../../domain/access.ts";
import { refused } from "../../domain/outcome.ts";
import type { EpochMs } from "../../domain/time.ts";
import { recount } from "../receipts/unread.ts";
import { evidenceOf, expireEvidence } from "../state/evidence.ts";
import type { Context, Handlers } from "../state/handler.ts";
import { noteModeration } from "../state/moderation-notes.ts";
import { answer, type Change, type Room, unchanged } from "../state/room.ts";
import type { MemberRow, MessageRow } from "../state/store.ts";
import { openMessage, visible } from "../state/visibility.ts";
import { deletion, evidenceUntil, filesOf, tombstone } from "./tombstone.ts";

/** Expired messages deleted in one turn. */
const SWEEP = 100;

/** Deletes a message. Repeating it changes nothing. */
function deleteMessage({ room, member, seq, input, limits, now }: Context<"deleteMessage">): Change<null> {
  // Not `visible`: a message that the caller has hidden can still be deleted for everyone.
  const row = openMessage(room, member, seq);
  if (!row) return unchanged(refused("NOT_FOUND", "No such message"));
  if (!input.delete_for_everyone) return hide(room, member, row);
  const refusal = checkDelete(member, row, room.info.type);
  if (refusal) return unchanged(refused(refusal));
  if (row.deleted_at !== null) return deleteWithheld(room, seq, member.user_id, limits.evidenceMs, now);
  if (row.sender_id !== member.user_id) noteDeletion(room, member, row, now);
  const evidence = evidenceUntil(limits.evidenceMs, now);
  const by = () => member.user_id;
  return { ...answer(null), ...tombstone(room, [row], { by, reason: "deleted", now, evidence }) };
}

/**
 * Makes the deletion of a withheld message final: it does not come back. Members have seen it deleted already. Any other
 * tombstone stays as it is.
 */
export function deleteWithheld(
  room: Room,
  seq: number,
  by: string,
  evidenceMs: number,
  now: EpochMs,
): Change<null> {
  const kept = evidenceOf(room, seq);
  if (kept?.expires_at !== null || !kept) return answer(null);
  // With a time of 0 the next sweep takes it.
  expireEvidence(room, seq, now + evidenceMs);
  const discarded = filesOf([kept.row]);
  if (discarded.length === 0) return answer(null);
  // The directory may hold its files to be shown: a change tells it that they are not.
  const changed_seq = room.nextSeq();
  room.store.updateMessage(seq, { changed_seq });
  const data = deletion(room, seq, by, true, "deleted");
  const event = { type: "message.deleted" as const, conversation_id: room.id, seq: changed_seq, data };
  return { ...answer(null), emissions: [{ event, to: room.audience }], discarded };
}

/** A deletion of another person's message goes into the log of moderation (rule 29). */
function noteDeletion(room: Room, { user_id }: MemberRow, { sender_id, seq }: MessageRow, now: EpochMs) {
  noteModeration(room, {
    action: "room.delete_message",
    at: now,
    actor_id: user_id,
    target_id: sender_id,
    ...{ seq, reason: null, details: {} },
  });
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

/** Deletes some expired messages (rule 10). @returns the change, and whether more are waiting. */
export function deleteExpired(room: Room, now: EpochMs): Change<{ more: boolean }> {
  const rows = room.store.expired(now, SWEEP);
  if (rows.length === 0) return answer({ more: false });
  const by = (row: MessageRow) => row.sender_id;
  const buried = tombstone(room, rows, { by, reason: "expired", now, evidence: "none" });
  return { ...answer({ more: rows.length === SWEEP }), ...buried };
}

export const deleteHandlers = {
  deleteMessage: {
    apply: deleteMessage,
    after({ input, limits, now }, effects) {
      // Where nothing is kept, the next alarm takes what was withheld.
      if (input.delete_for_everyone && limits.evidenceMs > 0) effects.ringBy(now + limits.evidenceMs);
    },
  },
} satisfies Partial<Handlers>;
