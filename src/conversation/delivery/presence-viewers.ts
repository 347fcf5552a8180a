/** Who sees what of a member's presence on the conversation's own sockets (rules 22 and 29). */
import { isKeptApart } from "../../domain/message-request.ts";
import type { Room } from "../state/room.ts";
import type { MemberRow } from "../state/store.ts";

/** Members who learn of a presence, by what they learn. */
interface PresenceViewers {
  /** They learn when the member was last online, if the member shows it. */
  open: ReadonlySet<string>;
  /** They do not show it of themselves. */
  discreet: ReadonlySet<string>;
}

/** Who learns of a member's presence: nobody who has blocked them, or whom they have blocked. In a chat that the member has not accepted that is the member alone. */
export function presenceViewers(room: Room, { user_id, request }: MemberRow): PresenceViewers {
  if (isKeptApart(request)) return { open: new Set([user_id]), discreet: new Set() };
  const viewers = room.blocks.withoutApart(user_id, room.audience);
  const discreet = new Set([...viewers].filter((id) => room.member(id)?.shows_last_seen === false));
  if (discreet.size === 0) return { open: viewers, discreet };
  return { open: new Set([...viewers].filter((id) => !discreet.has(id))), discreet };
}
