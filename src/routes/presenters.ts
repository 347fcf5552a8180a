/** Adds presence to answers of conversations, which only the directory knows. */

import type { Conversation, ConversationSnapshot, Member, Participant } from "@rocket-chat-api/protocol";
import { apartFrom } from "../directory/blocks.ts";
import { openDirectory } from "../directory/database.ts";
import type { UserRow } from "../directory/schema.ts";
import { acquaintances, findUsers, toCaller, toUser } from "../directory/users.ts";
import type { Caller } from "../domain/caller.ts";
import { seenBy } from "../domain/last-seen.ts";
import { isPhotoAllowed } from "../domain/photo.ts";
import type { Env } from "../env.ts";
import { refuse } from "../middleware/errors.ts";
import { photoHosts } from "../settings.ts";

/** The users with these ids. Refuses if one does not exist. */
export async function requireUsers(env: Env, ids: string[]): Promise<Caller[]> {
  const rows = await findUsers(openDirectory(env.DB), ids);
  return existing(callersAmong(rows), ids);
}

/** The caller and other users, with their current profiles. The cached profile of the caller may be older. */
export async function requireCallerAnd(
  env: Env,
  caller: Caller,
  ids: string[],
): Promise<[Caller, ...Caller[]]> {
  const rows = await findUsers(openDirectory(env.DB), [caller.user_id, ...ids]);
  const byId = callersAmong(rows);
  return [byId.get(caller.user_id) ?? caller, ...existing(byId, ids)];
}

/** Users by their ids. Who was erased is nobody to begin something with. */
function callersAmong(rows: readonly UserRow[]): Map<string, Caller> {
  const left = rows.filter(({ erased_at }) => erased_at === null);
  return new Map(left.map((row) => [row.user_id, toCaller(row)]));
}

/** Refuses if a user does not exist. */
function existing(byId: ReadonlyMap<string, Caller>, ids: string[]): Caller[] {
  const unknown = ids.filter((id) => !byId.has(id));
  if (unknown.length > 0) refuse("NOT_FOUND", "No such user", { user_ids: unknown.slice(0, 20) });
  return ids.flatMap((id) => byId.get(id) ?? []);
}

/** Refuses a photo on a host that is not in `PHOTO_HOSTS`. */
export function requirePhotoHost(env: Env, url: string | null | undefined): void {
  const hosts = photoHosts(env);
  if (url && !isPhotoAllowed(url, hosts)) {
    refuse("VALIDATION_ERROR", "Photos on this host are not allowed: use one of `details.photo_hosts`", {
      photo_hosts: hosts,
    });
  }
}

/**
 * The users among these whose presence the viewer may see: neither has blocked the other.
 * @param isDirect whether they are the two of a direct chat: who has not accepted it shows no presence to the other.
 */
async function usersSeenBy(env: Env, viewer: Caller, ids: string[], isDirect: boolean): Promise<UserRow[]> {
  const db = openDirectory(env.DB);
  const [rows, apart, known] = await Promise.all([
    findUsers(db, ids),
    apartFrom(db, viewer.user_id, ids),
    isDirect ? acquaintances(db, viewer.user_id, ids) : new Set(ids),
  ]);
  return rows.filter(({ user_id }) => known.has(user_id) && !apart.has(user_id));
}

/**
 * Members with their presence. If the directory fails, they are shown as offline.
 * @param viewer who asks; undefined if it is a server, which sees everybody (rule 29).
 */
export async function toParticipants(
  env: Env,
  members: Member[],
  viewer: Caller | undefined,
  isDirect = false,
): Promise<Participant[]> {
  const ids = members.map((member) => member.user_id);
  const asked = viewer ? usersSeenBy(env, viewer, ids, isDirect) : findUsers(openDirectory(env.DB), ids);
  const rows = await asked.catch(() => []);
  const shown = rows.map(toUser).map((user) => (viewer ? seenBy(viewer, user) : user));
  const users = new Map(shown.map((user) => [user.user_id, user]));
  return members.map((member) => ({
    ...member,
    is_online: users.get(member.user_id)?.is_online ?? false,
    last_seen_at: users.get(member.user_id)?.last_seen_at ?? null,
  }));
}

/** A conversation with the presence of its participants. @param viewer undefined if a server asks. */
export async function toConversation(
  env: Env,
  snapshot: ConversationSnapshot,
  viewer: Caller | undefined,
): Promise<Conversation> {
  const isDirect = snapshot.type === "direct";
  return { ...snapshot, participants: await toParticipants(env, snapshot.participants, viewer, isDirect) };
}
