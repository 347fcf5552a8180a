/** System messages: they record changes of the conversation in its history (rule 8). */

import type { UserSummary } from "@rocket-chat-api/protocol";
import type { EpochMs } from "../../domain/time.ts";
import type { Emission, Room } from "../state/room.ts";
import { append } from "./append.ts";

/**
 * Writes a system message.
 * @param content an English sentence, for clients that do not write their own text.
 * @param note what happened, for clients that do.
 */
export function announce(
  room: Room,
  actor: UserSummary,
  content: string,
  note: { event: string; [detail: string]: unknown },
  now: EpochMs,
): Emission {
  const system = { ...note, actor_id: actor.user_id };
  return append(room, actor.user_id, { type: "system", content, system }, now).emission;
}
