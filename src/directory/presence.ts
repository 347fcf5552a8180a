/** Presence in the directory: what others see of a user, and who is notified of a change. */

import { type PresenceStatus, timestamp } from "@rocket-chat-api/protocol";
import { eq, sql } from "drizzle-orm";
import type { EpochMs } from "../domain/time.ts";
import { areApart } from "./blocks.ts";
import { type Directory, runBatch } from "./database.ts";
import { keptApart } from "./privacy.ts";
import { conversations, users } from "./schema.ts";
import { acquaintances } from "./users.ts";

/** Conversations whose members are notified: the newest ones. */
const CONVERSATIONS = 100;
/** Larger groups are not notified. */
const MAX_GROUP = 100;
/** Contacts notified of one change, at most. */
const CONTACTS = 500;

/** When a user was last seen, and whether others see that (rule 29). */
interface LastSeen {
  last_seen_at: EpochMs | null;
  shows_last_seen: boolean;
}

/**
 * Stores what others see of a user, and whether the user has an open socket.
 * @param state `last_seen_at` is undefined to keep the stored one.
 * @returns when the user was last seen, and whether others may know it.
 */
export async function setPresence(
  db: Directory,
  userId: string,
  state: { presence: PresenceStatus; connected: boolean; last_seen_at: number | undefined },
): Promise<LastSeen> {
  const { last_seen_at, ...seen } = state;
  const [row] = await db
    .update(users)
    .set(last_seen_at === undefined ? seen : { ...seen, last_seen_at })
    .where(eq(users.user_id, userId))
    .returning({ last_seen_at: users.last_seen_at, shows_last_seen: users.shows_last_seen });
  return { last_seen_at: row?.last_seen_at ?? null, shows_last_seen: row?.shows_last_seen ?? true };
}

/** Stores whether a conversation's own socket has connections. */
export async function setHasSockets(db: Directory, id: string, has_sockets: boolean): Promise<void> {
  await db.update(conversations).set({ has_sockets }).where(eq(conversations.conversation_id, id));
}

/** Who is notified of a user's change of presence. */
interface PresenceAudience {
  /** Contacts with an open socket at their hub. */
  users: { user_id: string; shows_last_seen: boolean }[];
  /** Shared conversations with open sockets of their own. Each notifies all its members in one call. */
  conversations: string[];
}

/**
 * Finds who shares a conversation with a user and has an open socket. Neither has blocked the other, and a direct chat that the
 * user has not accepted does not count (rule 29).
 */
export async function presenceAudience(db: Directory, userId: string): Promise<PresenceAudience> {
  // One statement: finding the newest conversations looks each of the user's up once.
  const [rows = []] = await runBatch(db, [
    sql`WITH mine AS MATERIALIZED (
        SELECT c.conversation_id, c.has_sockets, coalesce(m.request, '') ${keptApart} AS is_apart
        FROM members AS m CROSS JOIN conversations AS c USING (conversation_id)
        WHERE m.user_id = ${userId} AND m.left_seq IS NULL AND c.member_count <= ${MAX_GROUP}
        ORDER BY c.last_activity_at DESC LIMIT ${CONVERSATIONS}),
      contacts AS (
        SELECT DISTINCT u.user_id, u.shows_last_seen FROM mine
          JOIN members AS o ON NOT mine.is_apart AND o.conversation_id = mine.conversation_id AND o.left_seq IS NULL
          JOIN users AS u ON u.user_id = o.user_id AND u.connected = 1
        WHERE o.user_id <> ${userId} AND NOT ${areApart(userId, sql`u.user_id`)} LIMIT ${CONTACTS})
      SELECT user_id, shows_last_seen, NULL AS conversation_id FROM contacts
      UNION ALL SELECT NULL, NULL, conversation_id FROM mine WHERE has_sockets = 1 AND NOT is_apart`,
  ]);
  return {
    users: rows.flatMap(({ user_id, shows_last_seen }) =>
      user_id === null ? [] : { user_id: String(user_id), shows_last_seen: shows_last_seen === 1 },
    ),
    conversations: rows.flatMap((row) => (row.conversation_id === null ? [] : String(row.conversation_id))),
  };
}

/** A presence, as `user.presence` has it. */
interface ShownPresence {
  user_id: string;
  status: PresenceStatus;
  last_seen_at: string | null;
}

/**
 * What two users see of each other's presence after a block has begun or ended. One who is offline anyway is left out:
 * nothing changes for the other, and so is one whose presence the other does not see, whatever is blocked.
 */
export async function presenceOfPair(db: Directory, one: string, other: string): Promise<ShownPresence[]> {
  const [[rows = []], ...known] = await Promise.all([
    runBatch(db, [
      sql`SELECT user_id, presence, last_seen_at, shows_last_seen, ${areApart(one, other)} AS apart FROM users
        WHERE user_id IN (${one}, ${other})`,
    ]),
    acquaintances(db, one, [other]),
    acquaintances(db, other, [one]),
  ]);
  const isSeen = (userId: string) => known.some((seen) => seen.has(userId));
  // Who does not show when they were last online does not see it of others (rule 29).
  const isTimeShown = rows.every(({ shows_last_seen }) => shows_last_seen === 1);
  const shown = rows.filter(({ user_id, presence }) => presence !== "offline" && isSeen(String(user_id)));
  return shown.map(({ user_id, presence, last_seen_at, apart }) => ({
    user_id: String(user_id),
    status: apart ? "offline" : (presence as PresenceStatus),
    last_seen_at: apart || last_seen_at === null || !isTimeShown ? null : timestamp(Number(last_seen_at)),
  }));
}
