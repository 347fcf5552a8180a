/** Presence, as the directory keeps it: what others see of a user, and who should hear of a change. */

import type { PresenceStatus } from "@rocket-chat-api/protocol";
import { eq, sql } from "drizzle-orm";
import { type Directory, runBatch } from "./database.ts";
import { conversations, users } from "./schema.ts";

/** Conversations whose members hear of a presence: the newest ones. */
const CONVERSATIONS = 100;
/** Groups above this size are not told: nobody watches a thousand faces. */
const MAX_GROUP = 100;
/** Contacts told of one change, at most. */
const CONTACTS = 500;

/**
 * Records what others see of a user, and whether a socket is open whatever they see.
 * @param state `last_seen_at` is undefined where they have not been seen.
 * @returns when they were last seen.
 */
export async function setPresence(
  db: Directory,
  userId: string,
  state: { presence: PresenceStatus; connected: boolean; last_seen_at: number | undefined },
): Promise<number | null> {
  const { last_seen_at, ...seen } = state;
  const [row] = await db
    .update(users)
    .set(last_seen_at === undefined ? seen : { ...seen, last_seen_at })
    .where(eq(users.user_id, userId))
    .returning({ last_seen_at: users.last_seen_at });
  return row?.last_seen_at ?? null;
}

/** Notes whether somebody is on a conversation's own socket. */
export async function setHasSockets(db: Directory, id: string, has_sockets: boolean): Promise<void> {
  await db.update(conversations).set({ has_sockets }).where(eq(conversations.conversation_id, id));
}

/** Where a change of somebody's presence is told. */
export interface PresenceAudience {
  /** Contacts with a socket at their hub. */
  users: string[];
  /** Shared conversations with sockets of their own: each tells all of its members in one call. */
  conversations: string[];
}

/** Who shares a conversation with a user and has a socket open. */
export async function presenceAudience(db: Directory, userId: string): Promise<PresenceAudience> {
  const mine = sql`
    SELECT c.conversation_id, c.has_sockets FROM members AS m JOIN conversations AS c USING (conversation_id)
    WHERE m.user_id = ${userId} AND m.left_seq IS NULL AND c.member_count <= ${MAX_GROUP}
    ORDER BY c.last_activity_at DESC LIMIT ${CONVERSATIONS}`;
  const [contacts = [], places = []] = await runBatch(db, [
    sql`SELECT DISTINCT u.user_id FROM (${mine}) AS mine
        JOIN members AS o ON o.conversation_id = mine.conversation_id AND o.left_seq IS NULL
        JOIN users AS u ON u.user_id = o.user_id AND u.connected = 1
      WHERE o.user_id <> ${userId} LIMIT ${CONTACTS}`,
    sql`SELECT conversation_id FROM (${mine}) WHERE has_sockets = 1`,
  ]);
  return {
    users: contacts.map((row) => String(row.user_id)),
    conversations: places.map((row) => String(row.conversation_id)),
  };
}
