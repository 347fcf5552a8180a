/**
 * Deletes the messages of one sender for everyone, some in each turn: the newest first (rule 29). What is left stands in a
 * row, so that an object which dies goes on by its alarm.
 *
 * No index leads from a sender to their messages (state/sent-counts.ts). So the messages are read downwards in pieces, and
 * the tallies say where a sender has said nothing.
 */
import { and, desc, eq, exists, gte, isNull, lt, ne, or, sql } from "drizzle-orm";
import type { EpochMs } from "../../domain/time.ts";
import { deleteWithheld } from "../messages/delete.ts";
import { evidenceUntil, tombstone } from "../messages/tombstone.ts";
import { withheldOf } from "../state/evidence.ts";
import { newestBefore } from "../state/newest-before.ts";
import { answer, type Change, type Emission, type Room } from "../state/room.ts";
import { evidence, messages, purges } from "../state/schema.ts";
import type { MessageRow } from "../state/store.ts";

type Purge = typeof purges.$inferSelect;

/** Messages deleted in one turn, and messages read to find them. */
const DELETED_AT_A_TIME = 100;
const LOOKED_AT = 2_000;

/** Whose messages go, which of them, and who says so. */
interface Order {
  user_id: string;
  /** Messages from before this time stay. */
  since: EpochMs;
  /** Messages from after this time stay as well; all are deleted that there are, if it is left out. */
  until?: EpochMs | undefined;
  by: string;
  /** How long what is deleted can be reported. */
  evidenceMs: number;
}

/**
 * Begins: what is withheld does not come back, and the newest messages go at once.
 * @returns the events, and the files that no message shows any more.
 */
export function startPurge(
  room: Room,
  { user_id, since: wanted, until, by, evidenceMs }: Order,
  now: EpochMs,
): { emissions: Emission[]; discarded: string[] } {
  const { db } = room.store;
  // One that is still at work goes on from the top, since it skips what is deleted, and deletes no less than it was to.
  const atWork = purgeOf(room, user_id);
  const since = Math.min(wanted, atWork?.since ?? wanted);
  const newest = until === undefined ? room.head : newestBefore(room.store, until + 1);
  const before_seq = Math.max(newest + 1, atWork?.before_seq ?? 0);
  const row = { sender_id: user_id, before_seq, since, deleted_by: by };
  db.insert(purges).values(row).onConflictDoUpdate({ target: purges.sender_id, set: row }).run();
  const buried = withheldOf(room, user_id, since)
    .filter((seq) => seq < before_seq)
    .map((seq) => deleteWithheld(room, seq, by, evidenceMs, now));
  const changes = [...buried, goOn(room, row, evidenceMs, now)];
  return {
    emissions: changes.flatMap(({ emissions }) => emissions),
    discarded: changes.flatMap(({ discarded = [] }) => discarded),
  };
}

/** The order about a sender that is still at work, or undefined. */
function purgeOf({ store }: Room, userId: string): Purge | undefined {
  return store.db.select().from(purges).where(eq(purges.sender_id, userId)).get();
}

/** Whether messages are still to be deleted. @param userId whose; anybody's, if it is left out. */
export function isPurging({ store }: Room, userId?: string): boolean {
  const whose = userId === undefined ? undefined : eq(purges.sender_id, userId);
  return store.db.select().from(purges).where(whose).limit(1).get() !== undefined;
}

/** Deletes some more. @returns the change, and whether more are waiting. */
export function purgeSome(room: Room, evidenceMs: number, now: EpochMs): Change<{ more: boolean }> {
  const purge = room.store.db.select().from(purges).limit(1).get();
  if (!purge) return answer({ more: false });
  const change = goOn(room, purge, evidenceMs, now);
  return { ...change, ...answer({ more: isPurging(room) }), emissions: change.emissions };
}

/** Deletes some more of what one order says, if it is still at work. */
export function goOnPurging(
  room: Room,
  { user_id, evidenceMs }: Order,
  now: EpochMs,
): Pick<Change<null>, "emissions" | "discarded"> {
  const purge = purgeOf(room, user_id);
  return purge ? goOn(room, purge, evidenceMs, now) : { emissions: [] };
}

/** Deletes the next messages of an order, and notes how far it has come; at the end the order goes. */
function goOn(
  room: Room,
  purge: Purge,
  evidenceMs: number,
  now: EpochMs,
): Pick<Change<null>, "emissions" | "discarded"> {
  const { sender_id, since, deleted_by } = purge;
  const { rows, next } = findSome(room, purge);
  const where = eq(purges.sender_id, sender_id);
  if (next === 0) room.store.db.delete(purges).where(where).run();
  else room.store.db.update(purges).set({ before_seq: next }).where(where).run();
  const gone = rows.filter((row) => row.created_at >= since);
  const [shown, withheld] = [gone.filter(isShown), gone.filter((row) => !isShown(row))];
  const deletion = { reason: "deleted" as const, now, evidence: evidenceUntil(evidenceMs, now) };
  const changes: Pick<Change<null>, "emissions" | "discarded">[] = [
    ...(shown.length > 0 ? [tombstone(room, shown, { by: () => deleted_by, ...deletion })] : []),
    // Members have seen these deleted already: now they do not come back.
    ...withheld.map(({ seq }) => deleteWithheld(room, seq, deleted_by, evidenceMs, now)),
  ];
  return {
    emissions: changes.flatMap(({ emissions }) => emissions),
    discarded: changes.flatMap(({ discarded = [] }) => discarded),
  };
}

function isShown({ deleted_at }: MessageRow): boolean {
  return deleted_at === null;
}

/** In SQL: whether a message is withheld, so that it may come back. */
function isWithheld({ store }: Room) {
  const ofMessage = and(eq(evidence.seq, messages.seq), isNull(evidence.expires_at));
  return exists(store.db.select({ one: sql`1` }).from(evidence).where(ofMessage));
}

/** The next messages to delete, and the place before which the search goes on; 0 at its end. */
function findSome(room: Room, { sender_id, before_seq, since }: Purge) {
  // Writes the tallies that an older release has left out.
  if (room.sentNo(sender_id) === 0) return { rows: [], next: 0 };
  const tally = room.store.tallies.at(before_seq - 1);
  const from = Math.max(Math.min(before_seq - LOOKED_AT, tally.seq + 1), 1);
  const rows = room.store.db
    .select()
    .from(messages)
    .where(
      and(
        lt(messages.seq, before_seq),
        gte(messages.seq, from),
        eq(messages.sender_id, sender_id),
        or(isNull(messages.deleted_at), isWithheld(room)),
        ne(messages.type, "system"),
      ),
    )
    .orderBy(desc(messages.seq))
    .limit(DELETED_AT_A_TIME)
    .all();
  const last = rows.at(-1);
  if (rows.length === DELETED_AT_A_TIME && last) {
    return { rows, next: last.sender_no === 1 || last.created_at < since ? 0 : last.seq };
  }
  // All of them down to `from`. Below it there is nothing above what the tally names.
  const [, below = 0] = tally.sent[sender_id] ?? [];
  const next = Math.min(from, below + 1);
  const isOver = next <= 1 || last?.sender_no === 1 || room.store.placeAt(next - 1).created_at < since;
  return { rows, next: isOver ? 0 : next };
}
