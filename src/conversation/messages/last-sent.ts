/** When a member sent their newest message, for slow mode (rule 29). */
import { desc, lte } from "drizzle-orm";
import type { EpochMs } from "../../domain/time.ts";
import type { Room } from "../state/room.ts";
import { messages } from "../state/schema.ts";

/** Messages read at a time, where a system message is the newest of a member. */
const LOOKED_AT = 200;

/**
 * When a member sent their newest countable message, deleted or not.
 * @param since what was sent before does not matter.
 * @returns undefined if that was before, or never.
 */
export function lastSentAt(room: Room, userId: string, since: EpochMs): EpochMs | undefined {
  // Known from the counts in memory, which are read from the tallies when the object wakes.
  let seq = room.sent.newest(userId) ?? 0;
  const newest = seq > 0 ? room.store.message(seq) : undefined;
  if (!newest || newest.created_at <= since) return undefined;
  if (newest.type !== "system") return newest.created_at;
  // A member causes few system messages: behind one, those of everybody are read until the time is reached.
  for (let rows = before(room, seq); rows.length > 0; rows = before(room, seq)) {
    for (const row of rows) {
      if (row.created_at <= since) return undefined;
      if (row.sender_id === userId && row.type !== "system") return row.created_at;
      seq = row.seq;
    }
  }
  return undefined;
}

function before({ store }: Room, seq: number) {
  const { sender_id, type, created_at } = messages;
  return store.db
    .select({ seq: messages.seq, sender_id, type, created_at })
    .from(messages)
    .where(lte(messages.seq, seq - 1))
    .orderBy(desc(messages.seq))
    .limit(LOOKED_AT)
    .all();
}
