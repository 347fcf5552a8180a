/** Users as the app's own backend makes, changes and restricts them (rule 28). */
import { type PutUser, type ServerUser, timestamp } from "@rocket-chat-api/protocol";
import { and, eq, sql } from "drizzle-orm";
import type { EpochMs } from "../domain/time.ts";
import { usernameChoices, usernameFrom } from "../domain/usernames.ts";
import type { Directory } from "./database.ts";
import { type UserRow, users } from "./schema.ts";
import { CHANGED, findUser, freeUsername, indexUser, type ServerField, toUser } from "./users.ts";

/** Attempts to write a user who is written by others at the same time. */
const ATTEMPTS = 10;

/** A user to make or to change. */
export interface WantedUser {
  user_id: string;
  /** The id that the identity provider uses, if the server named the user by it. */
  external_id: string | undefined;
  patch: PutUser;
}

/** What became of it. */
export interface PutResult {
  row: UserRow;
  /** `erased`: nothing was changed, because the user was erased. */
  effect: "created" | "changed" | "unchanged" | "erased";
}

/** A user as servers see them. */
export function toServerUser(row: UserRow): ServerUser {
  const { deactivated_at, tokens_valid_from, created_at } = row;
  const { external_id, metadata } = row.erased_at === null ? row : { external_id: null, metadata: null };
  return {
    ...toUser(row),
    external_id,
    metadata: metadata === null ? null : (JSON.parse(metadata) as Record<string, unknown>),
    deactivated_at: deactivated_at === null ? null : timestamp(deactivated_at),
    tokens_valid_from: tokens_valid_from === 0 ? null : timestamp(tokens_valid_from),
    created_at: timestamp(created_at),
  };
}

/** Makes a user who need never have come, or changes one. Repeating it changes nothing. */
export async function putUser(db: Directory, wanted: WantedUser, now: EpochMs): Promise<PutResult> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const known = await findUser(db, wanted.user_id);
    if (known && known.erased_at !== null) return { row: known, effect: "erased" };
    const change = known && changesOf(known, wanted);
    if (known && !change) return { row: known, effect: "unchanged" };
    const row = known ? await update(db, known, change ?? {}) : await insert(db, wanted, now);
    if (!row) continue; // Another request was quicker.
    if (row.version !== known?.version) await indexUser(db, row);
    return { row, effect: known ? "changed" : "created" };
  }
  throw new Error("the user changes too often");
}

/** The fields that a patch sets, as they are stored. */
function setFields({ username, display_name, profile_photo_url }: PutUser): ServerField[] {
  const set = { username, display_name, profile_photo_url };
  return (Object.keys(set) as ServerField[]).filter((name) => set[name] !== undefined);
}

async function insert(db: Directory, wanted: WantedUser, now: EpochMs): Promise<UserRow | undefined> {
  const { user_id, external_id = null, patch } = wanted;
  const username = freeUsername({ user_id, username: usernameFrom({ username: patch.username }, user_id) });
  const [row] = await db
    .insert(users)
    .values({
      user_id,
      external_id,
      username,
      display_name: patch.display_name ?? username,
      profile_photo_url: patch.profile_photo_url ?? null,
      set_by_server: setFields(patch).join(" "),
      metadata: metadataOf(patch) ?? null,
      search_name: "",
      // No token has said anything yet.
      claims: "[]",
      version: 1,
      presence: "offline",
      created_at: now,
    })
    .onConflictDoNothing({ target: users.user_id })
    .returning();
  return row;
}

function metadataOf({ metadata }: PutUser): string | null | undefined {
  return metadata ? JSON.stringify(metadata) : metadata;
}

type Change = Partial<typeof users.$inferInsert>;

/** What a patch changes; undefined if it is nothing. */
function changesOf(known: UserRow, { user_id, external_id, patch }: WantedUser): Change | undefined {
  const { username, display_name, profile_photo_url } = patch;
  const metadata = metadataOf(patch);
  const set_by_server = [...new Set([...known.set_by_server.split(" "), ...setFields(patch)])]
    .join(" ")
    .trim();
  const wished = username === undefined ? undefined : usernameFrom({ username }, user_id);
  const isNamed = wished === undefined || usernameChoices(wished, user_id).includes(known.username);
  const profile = {
    ...(isNamed ? {} : { username: freeUsername({ user_id, username: wished ?? "" }) as unknown as string }),
    ...(display_name === undefined || display_name === known.display_name ? {} : { display_name }),
    ...(profile_photo_url === undefined || profile_photo_url === known.profile_photo_url
      ? {}
      : { profile_photo_url }),
  };
  const change: Change = {
    ...(Object.keys(profile).length > 0 ? { ...profile, ...changedColumns() } : {}),
    ...(set_by_server === known.set_by_server ? {} : { set_by_server }),
    ...(metadata === undefined || metadata === known.metadata ? {} : { metadata }),
    ...(external_id === undefined || known.external_id !== null ? {} : { external_id }),
  };
  return Object.keys(change).length > 0 ? change : undefined;
}

/** The type of an insert has no room for expressions, which an update takes. */
function changedColumns(): Change {
  return CHANGED as unknown as Change;
}

async function update(db: Directory, known: UserRow, change: Change): Promise<UserRow | undefined> {
  const { user_id, version, set_by_server } = known;
  const isSame = and(
    eq(users.user_id, user_id),
    eq(users.version, version),
    eq(users.set_by_server, set_by_server),
  );
  const [row] = await db.update(users).set(change).where(isSame).returning();
  return row;
}

/** Deactivates a user, or ends that. Repeating it keeps the first time. @returns undefined if there is no such user. */
export async function setDeactivated(
  db: Directory,
  userId: string,
  deactivated: boolean,
  now: EpochMs,
): Promise<UserRow | undefined> {
  // Who was erased stays so.
  const deactivated_at = deactivated
    ? sql`coalesce(${users.deactivated_at}, ${now})`
    : sql`iif(${users.erased_at} IS NULL, NULL, ${users.deactivated_at})`;
  const [row] = await db.update(users).set({ deactivated_at }).where(eq(users.user_id, userId)).returning();
  return row;
}

/** Revokes the tokens of a user that were issued before a time. An earlier time than the last changes nothing. */
export async function revokeTokens(
  db: Directory,
  userId: string,
  issuedBefore: EpochMs,
): Promise<UserRow | undefined> {
  const tokens_valid_from = sql`max(${users.tokens_valid_from}, ${issuedBefore})`;
  const [row] = await db
    .update(users)
    .set({ tokens_valid_from })
    .where(eq(users.user_id, userId))
    .returning();
  return row;
}
