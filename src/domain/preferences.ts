/** What a user has set for one conversation (rules 9 and 27). */
import type { PushLevel } from "@rocket-chat-api/protocol";
import type { EpochMs } from "./time.ts";

export interface ConversationChoice {
  is_muted: boolean;
  /** When the mute ends; null if never. */
  muted_until: EpochMs | null;
  /** Which messages push; null: what the user's own level says. */
  push_level: PushLevel | null;
}

/** Whether a mute is active. It lasts until its time, or for ever. @param row SQLite has numbers for booleans. */
export function isMuted(row: { is_muted: unknown; muted_until: EpochMs | null }, now: EpochMs): boolean {
  return Boolean(row.is_muted) && (row.muted_until === null || row.muted_until > now);
}

/** When a mute ends: 0 if there is none, infinity if never. */
export function endOfMute({ is_muted, muted_until }: Omit<ConversationChoice, "push_level">): EpochMs {
  return is_muted ? (muted_until ?? Number.POSITIVE_INFINITY) : 0;
}
