/** How much of a conversation a member has not read (domain/unread.ts). */
import { and, count, eq, gt, isNull, ne, notInArray, or, sql } from "drizzle-orm";
import { unreadCount } from "../../domain/unread.ts";
import { EVERYBODY } from "../messages/mentions.ts";
import { oneOf } from "../state/one-of.ts";
import type { Room } from "../state/room.ts";
import { hidden, mentions, messages } from "../state/schema.ts";
import type { MemberRow } from "../state/store.ts";

/** The undeleted messages above a member's watermark, of others whom they have not blocked. */
export function unreadOf(room: Room, member: MemberRow): number {
  const { user_id } = member;
  return unreadCount(room.messageNo, room.sentNo(user_id), room.blockedNo(user_id), member);
}

/** Counts again what a deletion or an edit may have changed above a member's watermark. */
export function recount(room: Room, member: MemberRow): void {
  const { user_id, last_read_seq } = member;
  const unread_deleted = deletedAbove(room, user_id, last_read_seq);
  const unread_mentions = mentionsAbove(room, user_id, last_read_seq);
  if (unread_deleted === member.unread_deleted && unread_mentions === member.unread_mentions) return;
  room.putMember({ ...member, unread_deleted, unread_mentions, at_seq: room.head });
}

/** Whether a message is by someone whom a member has not blocked; undefined if they have blocked nobody. */
function isBySeen({ blocks }: Room, user_id: string) {
  const unseen = blocks.unseenBy(user_id);
  return unseen.size === 0 ? undefined : notInArray(messages.sender_id, oneOf([...unseen]));
}

/** Messages above a watermark that mention a member, that they may still see. */
export function mentionsAbove(room: Room, user_id: string, watermark: number): number {
  return (
    room.store.db
      .select({ n: sql<number>`count(DISTINCT ${mentions.seq})` })
      .from(mentions)
      .innerJoin(messages, eq(messages.seq, mentions.seq))
      .leftJoin(hidden, and(eq(hidden.seq, mentions.seq), eq(hidden.user_id, user_id)))
      .where(
        and(
          or(eq(mentions.user_id, user_id), eq(mentions.user_id, EVERYBODY)),
          gt(mentions.seq, watermark),
          ne(messages.sender_id, user_id),
          isNull(messages.deleted_at),
          isNull(hidden.seq),
          isBySeen(room, user_id),
        ),
      )
      .get()?.n ?? 0
  );
}

/**
 * The countable messages above a watermark that are deleted, for everyone or for this member, of others whom they have not
 * blocked.
 */
export function deletedAbove(room: Room, user_id: string, watermark: number): number {
  const { db } = room.store;
  const forEveryone = db
    .select({ n: count() })
    .from(messages)
    .where(
      and(
        gt(messages.seq, watermark),
        sql`${messages.deleted_at} IS NOT NULL`,
        ne(messages.sender_id, user_id),
        // Those were never counted.
        ne(messages.type, "system"),
        isBySeen(room, user_id),
      ),
    )
    .get();
  const forMe = db
    .select({ n: count() })
    .from(hidden)
    .innerJoin(messages, eq(messages.seq, hidden.seq))
    .where(
      and(
        eq(hidden.user_id, user_id),
        gt(hidden.seq, watermark),
        isNull(messages.deleted_at),
        ne(messages.sender_id, user_id),
        ne(messages.type, "system"),
        isBySeen(room, user_id),
      ),
    )
    .get();
  return (forEveryone?.n ?? 0) + (forMe?.n ?? 0);
}
