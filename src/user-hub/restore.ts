/** What a user's hub gives back to a directory that has lost it (docs/backup.md). */
import { isNotNull, or } from "drizzle-orm";
import type { Directory } from "../directory/database.ts";
import { eraseAgain } from "../directory/erased-users.ts";
import { type RestoredUser, restoreUser } from "../directory/restored-user.ts";
import type { Rebuilt } from "../realtime/objects.ts";
import { blocks, pushConversations, pushDevices } from "./schema.ts";
import type { HubStore } from "./store.ts";

/** Writes what the directory may have lost of a user. Repeating it is harmless. */
export async function restoreDirectory({ store }: { store: HubStore }, db: Directory): Promise<Rebuilt> {
  const userId = store.userId();
  if (userId === undefined) return "empty";
  const restriction = store.restriction();
  const now = Date.now();
  await restoreUser(db, { user_id: userId, restriction, ...rowsOf(store) }, now);
  if (restriction.is_erased) await eraseAgain(db, userId, restriction.erased_messages, now);
  return "done";
}

function rowsOf(store: HubStore): Omit<RestoredUser, "user_id" | "restriction"> {
  const row = store.exists() ? store.row() : undefined;
  if (!row) return { presence: "offline", connected: false, blocks: [], tokens: [], choices: [] };
  const { db } = store;
  return {
    presence: row.announced,
    connected: row.listed,
    blocks: db.select().from(blocks).all(),
    tokens: db.select().from(pushDevices).all(),
    // Only of users with devices: their hubs decide what pushes.
    choices: db
      .select()
      .from(pushConversations)
      .where(
        or(
          isNotNull(pushConversations.muted_until),
          isNotNull(pushConversations.push_level),
          pushConversations.is_muted,
        ),
      )
      .all(),
  };
}
