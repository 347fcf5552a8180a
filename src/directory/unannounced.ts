/** Profile changes that conversations may not know yet. */
import { and, eq, sql } from "drizzle-orm";
import type { Directory } from "./database.ts";
import { type UserRow, users } from "./schema.ts";

/** Users whose profile change conversations may not know yet, in the order of their ids. */
export async function unannouncedUsers(db: Directory, after: string, limit: number): Promise<UserRow[]> {
  return await db
    .select()
    .from(users)
    .where(sql`is_untold = 1 AND ${users.user_id} > ${after}`)
    .orderBy(users.user_id)
    .limit(limit);
}

/** Marks a profile version as known to every conversation. */
export async function markAnnounced(db: Directory, userId: string, version: number): Promise<void> {
  await db
    .update(users)
    .set({ is_untold: false })
    .where(and(eq(users.user_id, userId), eq(users.version, version)));
}
