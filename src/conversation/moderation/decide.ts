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

/** Messages looked at in one turn, and deleted in it, at most. */
const SCANNED = 1_000;
const DELETED = 100;

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
    return { emissions: [bringBack(room, kept, now)] };
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

/**
 * Deletes some of what a person has said, the newest first. No index leads from a sender to their messages, so this looks
 * at all of them, some in a turn.
 * @param since messages from before stay. @param before messages from this place on have been looked at.
 * @returns from which place to go on; null if nothing is left.
 */
export function deleteFrom(
  room: Room,
  { user_id, since, before }: { user_id: string; since: EpochMs; before: number },
  evidenceMs: number,
  now: EpochMs,
): Change<{ before: number | null }> {
  const range = { after: 0, before, newestFirst: true, limit: SCANNED, viewer: "" };
  const rows = room.store.messagesIn(range);
  const recent = rows.filter((row) => row.created_at >= since);
  const theirs = recent.filter((row) => row.sender_id === user_id && row.type !== "system");
  const shown = theirs.filter((row) => row.deleted_at === null);
  const deleted = shown.slice(0, DELETED);
  const last = shown.length > DELETED ? deleted.at(-1) : recent.at(-1);
  const isOver = shown.length <= DELETED && (recent.length < rows.length || rows.length < SCANNED);
  const next = isOver ? null : (last?.seq ?? null);
  const withheld = theirs.filter((row) => row.deleted_at !== null && (last?.seq ?? 0) <= row.seq);
  const ends = withheld.map(({ seq }) => deleteWithheld(room, seq, SYSTEM.user_id, evidenceMs, now));
  const buried = deleteRows(room, deleted, evidenceMs, now);
  return {
    outcome: found({ before: next }),
    emissions: [...buried.emissions, ...ends.flatMap(({ emissions }) => emissions)],
    discarded: [...buried.discarded, ...ends.flatMap(({ discarded = [] }) => discarded)],
  };
}
