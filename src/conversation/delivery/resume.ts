/** Brings a client up to date, and counts what it was sent as delivered (rules 19 and 21). */
import {
  type ConversationChanges,
  type FetchedMessage,
  MAX_SYNC_CHARACTERS,
  MAX_SYNC_MESSAGES,
} from "@rocket-chat-api/protocol";
import type { Caller } from "../../domain/caller.ts";
import { found, type Outcome, refused } from "../../domain/outcome.ts";
import { metrics } from "../../metrics/metrics.ts";
import { sizeOf } from "../../realtime/frame-batch.ts";
import type { Resumed } from "../../realtime/objects.ts";
import { newestUndelivered } from "../receipts/read.ts";
import type { Room } from "../state/room.ts";
import type { MemberRow } from "../state/store.ts";
import { changesForFormer, changesSince } from "./changes.ts";
import { unreadForHub } from "./hub-unread.ts";
import { toFrames } from "./sync-frames.ts";

/** A member's devices have everything up to `seq`. */
type Delivered = (userId: string, seq: number) => void;

/** The frames that bring a client up to date, and up to which `seq`. A former member learns only that they are out. */
export function resume(
  room: Room | undefined,
  caller: Caller,
  since: number,
  delivered: Delivered,
): Outcome<Resumed> {
  if (!room) return refused("CONVERSATION_NOT_FOUND");
  if (!room.roster.has(caller.user_id)) return refused("FORBIDDEN");
  const member = room.member(caller.user_id);
  const unread = unreadForHub(room, caller.user_id);
  if (!member) return found({ frames: toFrames(changesForFormer(room, since)), seq: 0, unread });
  let changes = changesSince(room, member, since, MAX_SYNC_MESSAGES);
  let frames = toFrames(changes);
  if (!changes.limited && sizeOf(frames) > MAX_SYNC_CHARACTERS) {
    changes = changesSince(room, member, null);
    frames = toFrames(changes);
  }
  noteFetched(room, member, changes, delivered);
  metrics.add("resumes", 1, changes.limited ? "limited" : "full");
  return found({ frames, seq: changes.seq, unread });
}

/**
 * What has changed for a member since a position, for `GET /sync`; see {@link changesSince}. The page may have no space
 * for the messages, so the caller that sends the page reports them as delivered.
 */
export function changesForSync(
  room: Room | undefined,
  caller: Caller,
  { since, maxMessages, mayHaveCopy }: { since: number | null; maxMessages: number; mayHaveCopy: boolean },
  delivered: Delivered,
): Outcome<ConversationChanges> {
  if (!room) return refused("CONVERSATION_NOT_FOUND");
  const member = room.member(caller.user_id);
  if (!member) return refused("FORBIDDEN");
  const changes = changesSince(room, member, since, maxMessages, mayHaveCopy);
  if (newestFromOthers(changes, member) === undefined) noteFetched(room, member, changes, delivered);
  return found(changes);
}

/** Messages that a member fetches are delivered. */
function noteFetched(
  room: Room,
  member: MemberRow,
  changes: ConversationChanges,
  delivered: Delivered,
): void {
  // What people have said whom the member has blocked is not among the changes, and delivered all the same.
  const hasBlocked = room.blocks.unseenBy(member.user_id).size > 0;
  const newest = hasBlocked ? undefined : newestFromOthers(changes, member);
  // `since` proves that the client has everything up to there, also what an object that died did not note as delivered.
  const upTo = hasBlocked ? changes.seq : changes.limited ? 0 : changes.since;
  const seq = newest?.seq ?? newestUndelivered(room, member, upTo);
  if (seq !== undefined) delivered(member.user_id, seq);
}

/** The newest of the others' messages among changes. */
function newestFromOthers(
  { messages }: ConversationChanges,
  { user_id }: { user_id: string },
): FetchedMessage | undefined {
  return messages.findLast((message) => message.sender_id !== user_id);
}
