/** How much of a conversation a member has not read (domain/unread.ts). */
import { and, count, eq, gt, isNull, ne, or, sql } from "drizzle-orm";
import { unreadCount } from "../../domain/unread.ts";
import { EVERYBODY } from "../messages/mentions.ts";
import type { Room } from "../state/room.ts";
import { hidden, mentions, messages } from "../state/schema.ts";
import type { MemberRow } from "../state/store.ts";

/** The others' undeleted messages above a member's watermark. */
export function unreadOf(room: Room, member: MemberRow): number {
  return unreadCount(room.messageNo, room.sentNo(member.user_id), member);
}

/** Counts again what a deletion or an edit may have changed above a member's watermark. */
export function recount(room: Room, member: MemberRow): void {
  const { user_id, last_read_seq } = member;
  const unread_deleted = deletedAbove(room, user_id, last_read_seq);
  const unread_mentions = mentionsAbove(room, user_id, last_read_seq);
  if (unread_deleted === member.unread_deleted && unread_mentions === member.unread_mentions) return;
  room.putMember({ ...member, unread_deleted, unread_mentions, at_seq: room.head });
}

/** Messages above a watermark that mention a member, that they may still see. */
export function mentionsAbove({ store }: Room, user_id: string, watermark: number): number {
  return (
    store.db
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
        ),
      )
      .get()?.n ?? 0
  );
}

/** The others' countable messages above a watermark that are deleted, for everyone or for this member. */
export function deletedAbove({ store }: Room, user_id: string, watermark: number): number {
  const forEveryone = store.db
    .select({ n: count() })
    .from(messages)
    .where(
      and(
        gt(messages.seq, watermark),
        sql`${messages.deleted_at} IS NOT NULL`,
        ne(messages.sender_id, user_id),
      ),
    )
    .get();
  const forMe = store.db
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
      ),
    )
    .get();
  return (forEveryone?.n ?? 0) + (forMe?.n ?? 0);
}
