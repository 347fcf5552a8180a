/** The directory of direct conversations: one for each pair, kept by a unique key (rule 7). */

import { newConversationId } from "@rocket-chat-api/protocol";
import { eq } from "drizzle-orm";
import { answered, type Directory } from "./database.ts";
import { directPairs } from "./schema.ts";

/** The two users of a pair, in one order whoever asks. */
function pairOf(one: string, other: string): string {
  return [one, other].sort().join(":");
}

/** The id of the pair's conversation, if it has one. */
export async function findDirectPair(db: Directory, one: string, other: string): Promise<string | undefined> {
  const where = eq(directPairs.pair, pairOf(one, other));
  return (await db.query.directPairs.findFirst({ where }))?.conversation_id;
}

/**
 * The id of the pair's conversation, chosen now if the pair has none. When both sides ask at the same moment, the
 * key lets one of them win and both learn the winner's id.
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
