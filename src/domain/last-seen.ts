/** Who does not show when they were last online does not see it of others (rule 29). Decisions only. */
import type { ConversationListItem } from "@rocket-chat-api/protocol";
import type { Caller } from "./caller.ts";

/** The user who looks. */
type Viewer = Pick<Caller, "user_id" | "shows_last_seen">;

/** A user, as one viewer sees them. */
export function seenBy<Seen extends { user_id: string; last_seen_at: string | null }>(
  viewer: Viewer,
  user: Seen,
): Seen {
  const isOpen = viewer.shows_last_seen !== false || user.user_id === viewer.user_id;
  return isOpen ? user : { ...user, last_seen_at: null };
}

/** An item of a viewer's list. */
export function listItemSeenBy(viewer: Viewer, item: ConversationListItem): ConversationListItem {
  if (viewer.shows_last_seen !== false) return item;
  return {
    ...item,
    participants: item.participants.map((participant) => seenBy(viewer, participant)),
    other_user: item.other_user && seenBy(viewer, item.other_user),
  };
}
