/** Messages of the server's own: what happened to the conversation, told in its history (rule 8). */
import type { UserSummary } from "../protocol/index.ts";
import type { Room } from "./room.ts";
import type { MessageEvent } from "./send.ts";
import { append } from "./send.ts";

/**
 * Writes a `system` message.
 * @param content a plain English sentence, for clients that do not word it themselves.
 * @param note what happened, for those that do.
 */
export function announce(
  room: Room,
  actor: UserSummary,
  content: string,
  note: { event: string; [detail: string]: unknown },
  now: number,
): MessageEvent {
  return append(
    room,
    actor.user_id,
    {
      type: "system",
      content,
      client_message_id: null,
      reply_to_seq: null,
      metadata: null,
      mentions: null,
      expires_at: null,
      system: { ...note, actor_id: actor.user_id },
    },
    now,
  );
}
