/** Conversations by what the app calls them (rule 28). A unique key allows one for each `external_id`. */
import { eq } from "drizzle-orm";
import { answered, type Directory } from "./database.ts";
import { externalConversations } from "./server-schema.ts";

/** What was asked for under an `external_id` first. */
export interface NamedConversation {
  conversation_id: string;
  request: string;
}

/**
 * The conversation with this `external_id`. It gets the given id and request if there is none; of simultaneous requests
 * one wins, and all get the same answer.
 */
export async function claimExternalId(
  db: Directory,
  external_id: string,
  wanted: NamedConversation,
): Promise<NamedConversation> {
  const [, rows] = await answered(
    db.batch([
      db
        .insert(externalConversations)
        .values({ external_id, ...wanted })
        .onConflictDoNothing(),
      db.select().from(externalConversations).where(eq(externalConversations.external_id, external_id)),
    ]),
  );
  const [row] = rows;
  if (!row) throw new Error("the name vanished inside a batch");
  return row;
}

/** Finds a conversation by its name. */
export async function findByExternalId(
  db: Directory,
  external_id: string,
): Promise<NamedConversation | undefined> {
  const where = eq(externalConversations.external_id, external_id);
  return await db.query.externalConversations.findFirst({ where });
}

/** The name of a conversation, or null. A direct conversation may have several: then any of them. */
export async function externalIdOf(db: Directory, conversationId: string): Promise<string | null> {
  const where = eq(externalConversations.conversation_id, conversationId);
  return (await db.query.externalConversations.findFirst({ where }))?.external_id ?? null;
}
