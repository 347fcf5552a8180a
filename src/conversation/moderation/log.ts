/** How an act of moderation is written down: in the log always, and in the history if its author wants that (rule 29). */
import type { UserSummary } from "@rocket-chat-api/protocol";
import { shownEnd } from "../../domain/moderation.ts";
import type { ModerationNote } from "../../domain/moderation-note.ts";
import type { EpochMs } from "../../domain/time.ts";
import { announce } from "../messages/system.ts";
import { noteModeration } from "../state/moderation-notes.ts";
import type { Emission, Room } from "../state/room.ts";

/** What was done, in the words of the history. */
const VERBS = { mute: "muted", unmute: "unmuted", ban: "banned", unban: "unbanned" };

/** An act of a moderator, or of a server. */
export interface Act {
  kind: keyof typeof VERBS;
  /** A member, or the system. */
  actor: UserSummary;
  target: UserSummary;
  /** When it ends; undefined if it has no end because it ends something. */
  until?: EpochMs;
  reason?: string | null;
  /** What else the log should have. */
  details?: ModerationNote["details"];
  /** Whether the history says so. */
  isAnnounced: boolean;
}

/** Writes an act down. @returns the message of the history, if there is one. */
export function recordAct(room: Room, act: Act, now: EpochMs): Emission[] {
  const { kind, actor, target, until, reason = null, details = {}, isAnnounced } = act;
  const end = until === undefined ? {} : { until: shownEnd(until) };
  noteModeration(room, {
    action: `room.${kind}`,
    at: now,
    actor_id: actor.user_id,
    target_id: target.user_id,
    seq: null,
    reason,
    details: { ...end, ...details },
  });
  if (!isAnnounced) return [];
  const note = { event: `participant.${VERBS[kind]}`, user_id: target.user_id, ...end };
  return [announce(room, actor, note, now, { people: [target] })];
}
