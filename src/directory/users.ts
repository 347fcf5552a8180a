/** Users: created and refreshed from claims, and changed by themselves. */

import {
  type AppMetadata,
  type Me,
  timestamp,
  type UpdateMe,
  type User,
  type UserDetails,
  type UserSummary,
} from "@rocket-chat-api/protocol";
import { and, eq, isNull, type SQL, sql } from "drizzle-orm";
import { type Caller, discretionOf, type Identity, summaryOf } from "../domain/caller.ts";
import { erasedProfile } from "../domain/erased-person.ts";
import { type ClaimsEffect, claimsOf, effectOf, notedClaims, wishedUsername } from "../domain/profile.ts";
import { checkRestriction, ERASED, type Restriction } from "../domain/restriction.ts";
import type { EpochMs } from "../domain/time.ts";
import { usernameChoices } from "../domain/usernames.ts";
import { errorFields, log } from "../log.ts";
import { type Directory, runBatch } from "./database.ts";
import { type ShownIdentity, withFilteredName } from "./filters/names.ts";
import { indexNames } from "./people.ts";
import { isAcceptedBy, keptApart } from "./privacy.ts";
import { type UserRow, users } from "./schema.ts";

/** Attempts to write a profile that is written by others at the same time. */
const ATTEMPTS = 5;

/** A user's presence. */
type Presence = Pick<User, "is_online" | "last_seen_at">;
/** The presence that users see who share no conversation with them. */
const NO_PRESENCE: Presence = { is_online: false, last_seen_at: null };

/** A user as seen by users who share a conversation with them. */
export function toUser(row: UserRow): User {
  return { ...toStranger(row), ...presenceOf(row) };
}

/** A user as seen by users who share no conversation with them. */
export function toStranger(row: UserRow): User {
  return { ...profileShown(row), ...NO_PRESENCE };
}

/** A user as they see themselves. */
export function toMe(row: UserRow): Me {
  return { ...toDetails({ ...row, shows_last_seen: true }, true), external_id: row.external_id };
}

/** A user by themselves. @param isKnown whether the caller shares a conversation with them. @param isApart see blocks.ts. */
export function toDetails(row: UserRow, isKnown: boolean, isApart = false): UserDetails {
  const metadata = isKnown && row.metadata !== null ? (JSON.parse(row.metadata) as AppMetadata) : null;
  return { ...(isKnown && !isApart ? toUser : toStranger)(row), metadata };
}

/** The public part of a profile; of a user who is or was erased, that of nobody. Rows of a list do not say: their names are gone. */
function profileShown(row: UserRow): UserSummary {
  return row.erased_at ? erasedProfile(row.user_id) : summaryOf(row);
}

function presenceOf(row: Pick<UserRow, "presence" | "last_seen_at" | "shows_last_seen">): Presence {
  return {
    is_online: row.presence !== "offline",
    last_seen_at: row.last_seen_at === null || !row.shows_last_seen ? null : timestamp(row.last_seen_at),
  };
}

/** A user as a caller. */
export function toCaller(row: UserRow): Caller {
  return { ...profileShown(row), ...discretionOf(row), profile_version: row.version };
}

/**
 * Creates the user, or refreshes the profile if a newer token has other claims. A user's own change of name is kept
 * until then.
 */
export async function refreshFromClaims(db: Directory, identity: Identity, now: EpochMs): Promise<UserRow> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const known = await findUser(db, identity.user_id);
    // A token that is no longer accepted changes nothing.
    if (known && checkRestriction(restrictionOf(known), identity.issued_at, now)) return known;
    const effect = known ? effectOf(identity, known) : "refresh";
    if (known && effect === "nothing") return known;
    const shown = await withFilteredName(db, identity, effect, now);
    const written = known ? await renew(db, shown, known, effect) : await create(db, shown, now);
    if (!written) continue; // Another request was quicker.
    if (effect === "refresh") await indexUser(db, written);
    return written;
  }
  throw new Error("the profile changes too often");
}

/** The first username that is free. The database has one writer, so nobody else can take it at the same time. */
export function freeUsername({ username, user_id }: Pick<Identity, "username" | "user_id">): SQL<string> {
  const random = `user_${crypto.randomUUID().replaceAll("-", "").slice(0, 27)}`;
  const choices = JSON.stringify([...usernameChoices(username, user_id), random]);
  return sql`(SELECT choice.value FROM json_each(${choices}) AS choice
    WHERE NOT EXISTS (SELECT 1 FROM users AS u WHERE u.username = choice.value AND u.user_id <> ${user_id})
    ORDER BY choice.key LIMIT 1)`;
}

function profileOf(identity: ShownIdentity, username: SQL<string>) {
  const { external_id, issued_at, is_named, shown_name, profile_photo_url } = identity;
  return {
    external_id,
    username,
    display_name: is_named ? shown_name : username,
    profile_photo_url,
    claims: claimsOf(identity),
    claims_issued_at: issued_at,
  };
}

async function create(db: Directory, identity: ShownIdentity, now: EpochMs): Promise<UserRow | undefined> {
  const profile = profileOf(identity, freeUsername(identity));
  const [row] = await db
    .insert(users)
    .values({
      ...profile,
      user_id: identity.user_id,
      search_name: "",
      version: 1,
      presence: "offline",
      created_at: now,
    })
    .onConflictDoNothing({ target: users.user_id })
    .returning();
  return row;
}

async function renew(
  db: Directory,
  identity: ShownIdentity,
  known: UserRow,
  effect: ClaimsEffect,
): Promise<UserRow | undefined> {
  const { external_id, issued_at } = identity;
  const kept = setByServer(known);
  const keepsName = "username" in kept || wishedUsername(known) === identity.username;
  const username = keepsName ? sql<string>`${known.username}` : freeUsername(identity);
  const [row] = await db
    .update(users)
    .set(
      effect !== "refresh"
        ? {
            external_id,
            claims: notedClaims(identity, known),
            claims_issued_at: Math.max(issued_at, known.claims_issued_at),
          }
        : { ...profileOf(identity, username), ...kept, ...CHANGED },
    )
    .where(
      and(
        eq(users.user_id, known.user_id),
        eq(users.version, known.version),
        eq(users.claims_issued_at, known.claims_issued_at),
      ),
    )
    .returning();
  return row;
}

/** The fields of a profile that a server can set for good. */
export type ServerField = "username" | "display_name" | "profile_photo_url";

/** The fields that a server has set. Tokens do not change them. */
function setByServer(known: UserRow): Partial<Pick<UserRow, ServerField>> {
  const names = known.set_by_server.split(" ").filter((name) => name !== "") as ServerField[];
  return Object.fromEntries(names.map((name) => [name, known[name]]));
}

/** What a server has forbidden a user. */
export function restrictionOf(row: UserRow): Restriction {
  const { deactivated_at, erased_at, tokens_valid_from, banned_at, banned_until: until, ban_reason } = row;
  if (erased_at !== null) return ERASED;
  const ban = banned_at === null ? null : { until, reason: ban_reason ?? "" };
  return { is_deactivated: deactivated_at !== null, tokens_valid_from, ban };
}

/** The columns of a changed profile, whose copies elsewhere are now old. */
export const CHANGED = { version: sql`${users.version} + 1`, is_untold: true, is_indexed: false } as const;

/** Indexes a user's new name. If that fails, the cron trigger does it later. */
export async function indexUser(db: Directory, row: UserRow): Promise<void> {
  try {
    await indexNames(db, [row]);
  } catch (error) {
    log("warn", "people.not_indexed", { ...errorFields(error) });
  }
}

/** One user, or undefined. */
export async function findUser(db: Directory, userId: string): Promise<UserRow | undefined> {
  return await db.query.users.findFirst({ where: eq(users.user_id, userId) });
}

/** Finds the users that exist among these ids. They are one parameter, because D1 takes at most 100. */
export async function findUsers(db: Directory, userIds: string[]): Promise<UserRow[]> {
  const wanted = sql`(SELECT value FROM json_each(${JSON.stringify(userIds)}))`;
  return await db.select().from(users).where(sql`${users.user_id} IN ${wanted}`);
}

/** Changes a user's own profile. */
export async function updateProfile(
  db: Directory,
  userId: string,
  patch: UpdateMe,
): Promise<UserRow | undefined> {
  const { display_name, profile_photo_url } = patch;
  const [row] = await db
    .update(users)
    .set({
      ...(display_name === undefined ? {} : { display_name }),
      ...(profile_photo_url === undefined ? {} : { profile_photo_url }),
      ...CHANGED,
    })
    .where(and(eq(users.user_id, userId), isNull(users.erased_at)))
    .returning();
  if (row) await indexUser(db, row);
  return row;
}

/** Conversations of a user that are searched for other users, at most. */
const LOOKED_THROUGH = 500;

/**
 * The users among these who share a conversation with a user (or are that user). A direct chat is found by its pair,
 * however many conversations the user has. One that they have not accepted does not count: they do not know the user.
 */
export async function acquaintances(db: Directory, userId: string, userIds: string[]): Promise<Set<string>> {
  const [rows = []] = await runBatch(db, [
    sql`SELECT value AS user_id FROM json_each(${JSON.stringify(userIds)}) AS wanted
      WHERE value = ${userId}
        OR ${isAcceptedBy(sql`value`, sql`${userId}`)}
        OR EXISTS (
          SELECT 1 FROM (
            SELECT conversation_id FROM members WHERE user_id = wanted.value AND left_seq IS NULL
            LIMIT ${LOOKED_THROUGH}) AS theirs
          CROSS JOIN members AS mine ON mine.conversation_id = theirs.conversation_id
          WHERE mine.user_id = ${userId} AND mine.left_seq IS NULL AND coalesce((SELECT request FROM members AS x
            WHERE x.conversation_id = mine.conversation_id AND x.user_id = value), '') NOT ${keptApart})`,
  ]);
  return new Set(rows.map((row) => String(row.user_id)));
}
