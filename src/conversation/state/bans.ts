/** The people who are banned from a conversation (rule 29). Bans that have ended stay until their place is needed. */
import { type Failure, failure, type UserSummary } from "@rocket-chat-api/protocol";
import { and, count, desc, eq, gt, inArray, lt, lte } from "drizzle-orm";
import { bannedFailure } from "../../domain/moderation.ts";
import type { EpochMs } from "../../domain/time.ts";
import { oneOf } from "./one-of.ts";
import type { Room } from "./room.ts";
import { bans } from "./schema.ts";

export type BanRow = typeof bans.$inferSelect;

/** The ban of a user, unless it has ended. */
export function banOf({ store }: Room, userId: string, now: EpochMs): BanRow | undefined {
  const where = and(eq(bans.user_id, userId), gt(bans.until, now));
  return store.db.select().from(bans).where(where).get();
}

/** The bans of these users that have not ended. */
export function bannedAmong({ store }: Room, userIds: readonly string[], now: EpochMs): BanRow[] {
  if (userIds.length === 0) return [];
  const where = and(inArray(bans.user_id, oneOf(userIds)), gt(bans.until, now));
  return store.db.select().from(bans).where(where).all();
}

/** Why somebody who is no member gets nothing here: a ban says so, and until when. */
export function refuseOutsider(room: Room, userId: string, now: EpochMs): Failure {
  const ban = banOf(room, userId, now);
  return ban ? bannedFailure(ban) : failure("FORBIDDEN");
}

/** Writes a ban. It is the newest of the list then, also if it replaces one. */
export function putBan(room: Room, ban: Omit<BanRow, "id">): void {
  removeBan(room, ban.user_id);
  room.store.db.insert(bans).values(ban).run();
}

export function removeBan({ store }: Room, userId: string): void {
  store.db.delete(bans).where(eq(bans.user_id, userId)).run();
}

/** How many bans there are. Those that have ended are deleted before. */
export function countBans({ store }: Room, now: EpochMs): number {
  store.db.delete(bans).where(lte(bans.until, now)).run();
  return store.db.select({ n: count() }).from(bans).get()?.n ?? 0;
}

/** Bans that have not ended, the newest first. @param before the `id` of the last one of the page before. */
export function listedBans(
  { store }: Room,
  before: number | undefined,
  limit: number,
  now: EpochMs,
): BanRow[] {
  const where = and(gt(bans.until, now), before === undefined ? undefined : lt(bans.id, before));
  return store.db.select().from(bans).where(where).orderBy(desc(bans.id)).limit(limit).all();
}

/** The banned person, by the newest name that is known here. */
export function personOf(room: Room, { user_id, person }: Pick<BanRow, "user_id" | "person">): UserSummary {
  return room.roster.has(user_id) ? room.person(user_id) : person;
}
