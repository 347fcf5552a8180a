/** Users: created and refreshed from claims, changed by themselves, found by prefix. */
import { and, asc, eq, gte, inArray, lt, or, sql } from "drizzle-orm";
import type { Caller, Identity } from "../domain/caller.ts";
import { timestamp, type UpdateMe, type User } from "../protocol/index.ts";
import type { Directory } from "./database.ts";
import { users } from "./schema.ts";

export type UserRow = typeof users.$inferSelect;

/** Folds a name for prefix search: case and compatibility forms. */
export function searchName(name: string): string {
  return name.normalize("NFKC").toLowerCase();
}

/** A user as everybody sees them. */
export function toUser(row: UserRow): User {
  return {
    user_id: row.user_id,
    username: row.username,
    display_name: row.display_name,
    profile_photo_url: row.profile_photo_url,
    is_online: row.presence !== "offline",
    last_seen_at: row.last_seen_at === null ? null : timestamp(row.last_seen_at),
  };
}

/** A user as the rest of the system takes them for the one who asks. */
export function toCaller(row: UserRow): Caller {
  const { user_id, username, display_name, profile_photo_url, version } = row;
  return { user_id, username, display_name, profile_photo_url, profile_version: version };
}

/**
 * Creates the user, or refreshes the profile when the claims say something new. A name that users chose for
 * themselves holds until then.
 */
export async function refreshFromClaims(db: Directory, identity: Identity, now: number): Promise<UserRow> {
  const { user_id, username, display_name, profile_photo_url } = identity;
  const claims = JSON.stringify([username, display_name, profile_photo_url]);
  const profile = {
    username,
    display_name,
    search_name: searchName(display_name),
    profile_photo_url,
    claims,
  };
  const [written] = await db
    .insert(users)
    .values({ user_id, ...profile, version: 1, presence: "offline", created_at: now })
    .onConflictDoUpdate({
      target: users.user_id,
      set: { ...profile, version: sql`${users.version} + 1` },
      setWhere: sql`${users.claims} <> ${claims}`,
    })
    .returning();
  const row = written ?? (await findUser(db, user_id));
  if (!row) throw new Error("the user vanished between two statements");
  return row;
}

/** One user, or undefined. */
export async function findUser(db: Directory, userId: string): Promise<UserRow | undefined> {
  return await db.query.users.findFirst({ where: eq(users.user_id, userId) });
}

/** The users that exist among these ids. */
export async function findUsers(db: Directory, userIds: string[]): Promise<UserRow[]> {
  // One parameter whatever their number: D1 takes at most 100.
  const wanted = sql`(SELECT value FROM json_each(${JSON.stringify(userIds)}))`;
  return await db.select().from(users).where(inArray(users.user_id, wanted));
}

/** Changes one's own profile. */
export async function updateProfile(
  db: Directory,
  userId: string,
  patch: UpdateMe,
): Promise<UserRow | undefined> {
  const [row] = await db
    .update(users)
    .set({
      ...(patch.display_name === undefined
        ? {}
        : { display_name: patch.display_name, search_name: searchName(patch.display_name) }),
      ...(patch.profile_photo_url === undefined ? {} : { profile_photo_url: patch.profile_photo_url }),
      version: sql`${users.version} + 1`,
    })
    .where(eq(users.user_id, userId))
    .returning();
  return row;
}

/** Users whose username or display name begins with `q`, by username. Both halves are range scans of an index. */
export async function searchUsers(db: Directory, q: string, limit: number): Promise<UserRow[]> {
  const prefix = searchName(q);
  const end = `${prefix}\u{10FFFF}`;
  return await db
    .select()
    .from(users)
    .where(
      or(
        and(gte(users.username, prefix), lt(users.username, end)),
        and(gte(users.search_name, prefix), lt(users.search_name, end)),
      ),
    )
    .orderBy(asc(users.username), asc(users.user_id))
    .limit(limit);
}
