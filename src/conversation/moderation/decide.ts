/** What the app's moderators do with messages: withhold, bring back, delete (rule 29). */
import type { ModeratedMessage, ModerationStep } from "../../domain/moderation-steps.ts";
import { found, refused } from "../../domain/outcome.ts";
import { SYSTEM } from "../../domain/system-user.ts";
import type { EpochMs } from "../../domain/time.ts";
import { deleteWithheld } from "../messages/delete.ts";
import { bringBack, evidenceUntil, tombstone } from "../messages/tombstone.ts";
import { evidenceOf } from "../state/evidence.ts";
import { type Change, type Room, unchanged } from "../state/room.ts";
import type { MessageRow } from "../state/store.ts";

/** What a step needs to know. */
interface Asked {
  room: Room;
  seq: number;
  /** How long deleted messages can be reported. */
  evidenceMs: number;
  now: EpochMs;
}

/** Takes one step with a message. Repeating it changes nothing. @returns what the message is then. */
export function moderate(step: ModerationStep, asked: Asked): Change<ModeratedMessage> {
  const row = asked.room.store.message(asked.seq);
  if (!row || row.type === "system") return unchanged(refused("NOT_FOUND", "No such message"));
  const change = STEPS[step](asked, row);
  return { ...change, outcome: found({ state: stateOf(asked), sender_id: row.sender_id }) };
}

type Step = (asked: Asked, row: MessageRow) => Omit<Change<null>, "outcome">;

const UNCHANGED = { emissions: [] };

const STEPS: Record<ModerationStep, Step> = {
  withhold: ({ room, now }, row) =>
    row.deleted_at === null
      ? tombstone(room, [row], { by: () => SYSTEM.user_id, reason: "deleted", now, evidence: "withheld" })
      : UNCHANGED,
  restore: ({ room, seq, evidenceMs, now }, row) => {
    const kept = row.deleted_at === null ? undefined : evidenceOf(room, seq);
    if (kept?.expires_at !== null || !kept) return UNCHANGED;
    // It would have disappeared by itself.
    const isOver = kept.row.expires_at !== null && kept.row.expires_at <= now;
    if (isOver) return deleteWithheld(room, seq, SYSTEM.user_id, evidenceMs, now);
    return { emissions: bringBack(room, kept, now) };
  },
  delete: ({ room, seq, evidenceMs, now }, row) => {
    if (row.deleted_at !== null) return deleteWithheld(room, seq, SYSTEM.user_id, evidenceMs, now);
    return deleteRows(room, [row], evidenceMs, now);
  },
};

function stateOf({ room, seq }: Asked): ModeratedMessage["state"] {
  if (room.store.message(seq)?.deleted_at === null) return "shown";
  const kept = evidenceOf(room, seq);
  return kept && kept.expires_at === null ? "withheld" : "deleted";
}

function deleteRows(room: Room, rows: MessageRow[], evidenceMs: number, now: EpochMs) {
  const evidence = evidenceUntil(evidenceMs, now);
  return tombstone(room, rows, { by: () => SYSTEM.user_id, reason: "deleted", now, evidence });
}
