/** What a conversation tells the log and the queue of moderation (rule 29). */
import type { EpochMs } from "./time.ts";

/** What was done. The first part says by whom: a moderator of the room, or a filter of the app. */
export type ModerationAction =
  | "room.mute"
  | "room.unmute"
  | "room.ban"
  | "room.unban"
  | "room.delete_message"
  | "filter.mask"
  | "filter.flag";

/** One entry of the log, as the conversation writes it. Repeating it is harmless: its key is the conversation and its number. */
export interface ModerationNote {
  action: ModerationAction;
  at: EpochMs;
  /** Who did it; null for a filter. */
  actor_id: string | null;
  /** The person whom it concerns. */
  target_id: string;
  /** The message that it is about; null if it is about none. */
  seq: number | null;
  reason: string | null;
  /** What else there is to know: the filter, the original text, when a mute ends. */
  details: Record<string, string | number | null>;
}
