/** How much each conversation is to tell this hub (domain/push-note.ts). Pure. */
import type { PushPreferences } from "@rocket-chat-api/protocol";
import { type ConversationChoice, isMuted } from "../../domain/preferences.ts";
import type { PushWord } from "../../domain/push-note.ts";
import type { EpochMs } from "../../domain/time.ts";
import { levelIn } from "./decide.ts";

/**
 * The word for one conversation. A muted one, and one whose level is none while others push, still tells of mentions: with the
 * first one that pushes elsewhere, the number on the app's icon must be right.
 * @param hasDevice whether any device can get a push.
 * @param isLevelSomewhere whether any conversation has a level of its own that pushes.
 */
export function wordFor(
  conversation: ConversationChoice & { member_count: number },
  preferences: PushPreferences,
  hasDevice: boolean,
  now: EpochMs,
  isLevelSomewhere = false,
): PushWord {
  const isOff = preferences.level === "none" && conversation.push_level === null && !isLevelSomewhere;
  if (!hasDevice || isOff) return "none";
  const isAll = levelIn(preferences, conversation) === "all" && !isMuted(conversation, now);
  return isAll ? "all" : "mentions";
}
