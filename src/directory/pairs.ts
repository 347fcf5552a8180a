/** Direct conversations by pair. A unique key allows one for each pair (rule 7). */

import { newConversationId } from "@rocket-chat-api/protocol";
import { eq } from "drizzle-orm";
import { answered, type Directory } from "./database.ts";
import { directPairs } from "./schema.ts";

/** The key of a pair, which is the same for both users. */
export function pairOf(one: string, other: string): string {
  return [one, other].sort().join(":");
}

/** The id of a pair's conversation, or undefined. */
export async function findDirectPair(db: Directory, one: string, other: string): Promise<string | undefined> {
  const where = eq(directPairs.pair, pairOf(one, other));
  return (await db.query.directPairs.findFirst({ where }))?.conversation_id;
}

/**
 * The id of a pair's conversation. Chooses one if the pair has none. If both users ask at the same moment, the unique
 * key lets one win, and both get the same id.
 */
export async function claimDirectPair(db: Directory, one: string, other: string): Promise<string> {
  const pair = pairOf(one, other);
  const [, rows] = await answered(
    db.batch([
      db.insert(directPairs).values({ pair, conversation_id: newConversationId() }).onConflictDoNothing(),
      db.select().from(directPairs).where(eq(directPairs.pair, pair)),
    ]),
  );
  const row = rows[0];
  if (!row) throw new Error("the pair vanished inside a batch");
  return row.conversation_id;
}
