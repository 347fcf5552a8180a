/** Adds presence to answers of conversations, which only the directory knows. */

import type { Conversation, ConversationSnapshot, Member, Participant } from "@rocket-chat-api/protocol";
import { apartFrom } from "../directory/blocks.ts";
import { type Directory, openDirectory } from "../directory/database.ts";
import type { UserRow } from "../directory/schema.ts";
import { findUsers, toCaller, toUser } from "../directory/users.ts";
import type { Caller } from "../domain/caller.ts";
import { isPhotoAllowed } from "../domain/photo.ts";
import type { Env } from "../env.ts";
import { refuse } from "../middleware/errors.ts";
import { photoHosts } from "../settings.ts";

/** The users with these ids. Refuses if one does not exist. */
export async function requireUsers(env: Env, ids: string[]): Promise<Caller[]> {
  const rows = await findUsers(openDirectory(env.DB), ids);
  return existing(new Map(rows.map((row) => [row.user_id, toCaller(row)])), ids);
}

/** The caller and other users, with their current profiles. The cached profile of the caller may be older. */
export async function requireCallerAnd(
  env: Env,
  caller: Caller,
  ids: string[],
): Promise<[Caller, ...Caller[]]> {
  const rows = await findUsers(openDirectory(env.DB), [caller.user_id, ...ids]);
  const byId = new Map(rows.map((row) => [row.user_id, toCaller(row)]));
  return [byId.get(caller.user_id) ?? caller, ...existing(byId, ids)];
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

/** The users among these whose presence the viewer may see. */
async function usersSeenBy(db: Directory, viewerId: string | undefined, ids: string[]): Promise<UserRow[]> {
  if (viewerId === undefined) return await findUsers(db, ids);
  const [rows, apart] = await Promise.all([findUsers(db, ids), apartFrom(db, viewerId, ids)]);
  return rows.filter((row) => !apart.has(row.user_id));
}

/** Refuses to bring users into a conversation who have blocked the caller. It says no more than their settings would. */
export function requireAccepted(refusing: string[]): void {
  if (refusing.length > 0) refuse("NOT_ACCEPTED", undefined, { user_ids: refusing.slice(0, 20) });
}

/**
 * Members with their presence. If the directory fails, they are shown as offline.
 * @param viewerId who asks, unless it is a server: users who have blocked each other are offline to each other (rule 29).
 */
export async function toParticipants(
  env: Env,
  members: Member[],
  viewerId: string | undefined,
): Promise<Participant[]> {
  const ids = members.map((member) => member.user_id);
  const rows = await usersSeenBy(openDirectory(env.DB), viewerId, ids).catch(() => []);
  const users = new Map(rows.map((row) => [row.user_id, toUser(row)]));
  return members.map((member) => ({
    ...member,
    is_online: users.get(member.user_id)?.is_online ?? false,
    last_seen_at: users.get(member.user_id)?.last_seen_at ?? null,
  }));
}

/** A conversation with the presence of its participants. */
export async function toConversation(
  env: Env,
  snapshot: ConversationSnapshot,
  viewerId: string | undefined,
): Promise<Conversation> {
  return { ...snapshot, participants: await toParticipants(env, snapshot.participants, viewerId) };
}
