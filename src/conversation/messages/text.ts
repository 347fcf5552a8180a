/** The text of a message and its earlier versions (rule 16). */
import type { Message } from "@rocket-chat-api/protocol";
import { and, asc, between, eq, inArray, max } from "drizzle-orm";
import type { MessagePart } from "../state/message-part.ts";
import { oneOf } from "../state/one-of.ts";
import type { Room } from "../state/room.ts";
import { edits } from "../state/schema.ts";

type EditRow = typeof edits.$inferSelect;

export const textPart: MessagePart<Pick<Message, "content" | "metadata">> = {
  from: "sender",
  empty: { content: "", metadata: null },
  load:
    () =>
    ({ content, metadata }) => ({
      content,
      metadata: metadata === null ? null : JSON.parse(metadata),
    }),
  cleared: { content: "", metadata: null, sent_hash: null },
  clear({ store }, seqs) {
    store.db
      .delete(edits)
      .where(inArray(edits.seq, oneOf(seqs)))
      .run();
  },
  redact: () => ({ content: "", metadata: null }),
};

/** Earlier versions in a range of numbers, oldest first. Number 0 is the message as it was sent. */
export function earlierVersions({ store }: Room, seq: number, from: number, to: number): EditRow[] {
  const where = and(eq(edits.seq, seq), between(edits.version, from, to));
  return store.db.select().from(edits).where(where).orderBy(asc(edits.version)).all();
}

/** How often a message was edited. Version numbers have no gaps. */
export function editCount({ store }: Room, seq: number): number {
  const newest = store.db
    .select({ version: max(edits.version) })
    .from(edits)
    .where(eq(edits.seq, seq))
    .get();
  return (newest?.version ?? -1) + 1;
}

/** Stores an earlier version. */
export function addVersion({ store }: Room, row: EditRow): void {
  store.db.insert(edits).values(row).run();
}
