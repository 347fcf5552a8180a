/** What a user's hub is told of the user's unread counts (rule 30): with what it gets anyway, and only where they may have changed. */
import type { ServerEvent } from "@rocket-chat-api/protocol";
import { type DeliveredBatch, newestFromOthers } from "../../domain/delivered.ts";
import { isKeptApart } from "../../domain/message-request.ts";
import type { MemberUnread } from "../../domain/unread.ts";
import { isOutOfList } from "../members/membership.ts";
import { unreadOf } from "../receipts/unread.ts";
import type { Room } from "../state/room.ts";

/** Whose counts a batch may change, beside those that its new messages change. */
export type Recounted = "everyone" | readonly string[];

/** Events that can change the counts of everyone who hears them. New messages are counted by `newest`. */
const RECOUNTING: ReadonlySet<ServerEvent["type"]> = new Set<ServerEvent["type"]>([
  "conversation.created",
  "conversation.hidden",
  "request.updated",
  "message.deleted",
  "message.edited",
  "messages.deleted",
  "participant.added",
  "participant.removed",
  "person.erased",
  // Something may not have been delivered, and with it the counts.
  "sync.required",
]);

/** Whose counts change with an event: everyone's who hears it, or the reader's. */
export function recountedBy(event: ServerEvent): Recounted {
  if (RECOUNTING.has(event.type)) return "everyone";
  // A message that comes back may be unread again.
  if (event.type === "message.updated" && "is_deleted" in event.data.patch) return "everyone";
  return event.type === "message.receipt" && event.data.status === "read" ? [event.data.user_id] : [];
}

/** Two as one. */
export function joinRecounted(one: Recounted = [], other: Recounted = []): Recounted {
  return one === "everyone" || other === "everyone" ? "everyone" : [...one, ...other];
}

/** Whether a batch may change a user's counts. */
export function mayChangeUnread(
  { newest, recounted = [] }: { newest: DeliveredBatch | undefined; recounted?: Recounted },
  userId: string,
): boolean {
  if (newest && newestFromOthers(newest, userId) > 0) return true;
  return recounted === "everyone" || recounted.includes(userId);
}

/**
 * What counts for a user: nothing is unread where they are no member, have hidden the conversation (rule 8), or have not
 * accepted it (rule 29).
 * Everything that changes it takes a number or a revision, so the sum of both is its version.
 */
export function unreadForHub(room: Room, userId: string): MemberUnread {
  const version = room.head + room.rev;
  const member = room.member(userId);
  if (!member || isOutOfList(room, member) || isKeptApart(member.request))
    return { unread: 0, mentions: 0, version };
  return { unread: unreadOf(room, member), mentions: member.unread_mentions, version };
}
