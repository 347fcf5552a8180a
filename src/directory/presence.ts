/** Presence, as the directory keeps it: what others see of a user, and who should hear of a change. */
import { eq, sql } from "drizzle-orm";
import type { PresenceStatus } from "../protocol/index.ts";
import type { Directory } from "./database.ts";
import { users } from "./schema.ts";

/** Conversations whose members hear of a presence: the newest ones. */
const CONVERSATIONS = 100;
/** Groups above this size are not told: nobody watches a thousand faces. */
const MAX_GROUP = 100;
/** Contacts told of one change, at most. */
const CONTACTS = 500;

/** Records what others see of a user, and whether a socket is open whatever they see. */
export async function setPresence(
  db: Directory,
  userId: string,
  state: { presence: PresenceStatus; connected: boolean; last_seen_at: number },
): Promise<void> {
  await db.update(users).set(state).where(eq(users.user_id, userId));
}

/** Those who share a conversation with a user and have a socket open. */
export async function onlineContacts(db: Directory, userId: string): Promise<string[]> {
  const rows = await db.all<{ user_id: string }>(sql`
    WITH mine AS (
      SELECT c.conversation_id FROM members AS m JOIN conversations AS c USING (conversation_id)
      WHERE m.user_id = ${userId} AND m.left_seq IS NULL AND c.member_count <= ${MAX_GROUP}
      ORDER BY c.last_activity_at DESC LIMIT ${CONVERSATIONS})
    SELECT DISTINCT u.user_id FROM mine
      JOIN members AS o ON o.conversation_id = mine.conversation_id AND o.left_seq IS NULL
      JOIN users AS u ON u.user_id = o.user_id AND u.connected = 1
    WHERE o.user_id <> ${userId} LIMIT ${CONTACTS}`);
  return rows.map((row) => row.user_id);
}
