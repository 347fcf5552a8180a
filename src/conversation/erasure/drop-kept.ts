/** Takes an erased person out of what is kept of deleted messages for reports (rule 28). */
import { and, between, eq, isNotNull } from "drizzle-orm";
import { type ErasureOrder, withoutMention } from "../../domain/erased-person.ts";
import { dropEvidence, evidenceOf } from "../state/evidence.ts";
import type { Room } from "../state/room.ts";
import { evidence, evidenceVersions } from "../state/schema.ts";
import { type Found, namesOfOthers } from "./find.ts";
import { withoutPerson } from "./remove-traces.ts";

/** Deletes what is kept of the person's own messages, and cleans that of others. */
export function dropKept(
  room: Room,
  order: ErasureOrder,
  { kept, from, to }: Pick<Found, "kept" | "from"> & { to: number },
): void {
  const own: number[] = [];
  for (const seq of kept) {
    const one = evidenceOf(room, seq);
    if (one?.row.sender_id === order.user_id) own.push(seq);
    else if (one) cleanKept(room, order, seq);
  }
  if (own.length > 0) dropEvidence(room.store, own);
  cleanVersions(room, order, from, to);
}

function cleanKept(room: Room, order: ErasureOrder, seq: number): void {
  const one = evidenceOf(room, seq);
  if (!one) return;
  const { user_id } = order;
  const row = {
    ...one.row,
    mentions: withoutPerson(one.row.mentions, user_id),
    metadata: withoutMention(one.row.metadata, namesOfOthers(room, order)),
  };
  const parts = one.parts && withoutRowsOf(one.parts, user_id);
  room.store.db.update(evidence).set({ kept: { row, parts } }).where(eq(evidence.seq, seq)).run();
}

/** What parts have kept, without the rows of a person: their reactions. */
function withoutRowsOf(parts: Record<string, unknown>, userId: string): Record<string, unknown> {
  const isOthers = (row: unknown) => (row as { user_id?: unknown } | null)?.user_id !== userId;
  const cleaned = Object.entries(parts).map(([name, kept]) => [
    name,
    Array.isArray(kept) ? kept.filter(isOthers) : kept,
  ]);
  return Object.fromEntries(cleaned) as Record<string, unknown>;
}

/** Names in what the app has put beside earlier versions. */
function cleanVersions({ store, roster }: Room, order: ErasureOrder, from: number, to: number): void {
  const isOfOthers = namesOfOthers({ roster }, order);
  const inRange = and(between(evidenceVersions.seq, from, to), isNotNull(evidenceVersions.metadata));
  for (const row of store.db.select().from(evidenceVersions).where(inRange).all()) {
    const metadata = withoutMention(row.metadata, isOfOthers);
    if (metadata === row.metadata) continue;
    const where = and(eq(evidenceVersions.seq, row.seq), eq(evidenceVersions.version, row.version));
    store.db.update(evidenceVersions).set({ metadata }).where(where).run();
  }
}
