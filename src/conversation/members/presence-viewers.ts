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

/** Who learns of a member's presence. In a chat that the member has not accepted that is the member alone. */
export function presenceViewers(room: Room, { user_id, request }: MemberRow): PresenceViewers {
  if (isKeptApart(request)) return { open: new Set([user_id]), discreet: new Set() };
  const discreet = new Set(room.currentMembers().flatMap((row) => (row.shows_last_seen ? [] : row.user_id)));
  if (discreet.size === 0) return { open: room.audience, discreet };
  return { open: new Set([...room.audience].filter((id) => !discreet.has(id))), discreet };
}
