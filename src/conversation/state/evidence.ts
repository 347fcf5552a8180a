/**
 * What is kept of messages that were deleted for everyone, so that they can still be reported, and of those that are
 * withheld (rule 29). Nothing reads it but reports, and moderators who decide.
 */
import { and, asc, eq, inArray, isNotNull, isNull, lte, sql } from "drizzle-orm";
import type { EpochMs } from "../../domain/time.ts";
import type { KeptMessage } from "./evidence-schema.ts";
import { oneOf } from "./one-of.ts";
import type { Room } from "./room.ts";
import { edits, evidence, evidenceVersions } from "./schema.ts";
import type { MessageRow, Store } from "./store.ts";

type VersionRow = typeof evidenceVersions.$inferSelect;

/** A message as it was. */
export interface Evidence {
  row: MessageRow;
  parts: KeptMessage["parts"];
  /** Null while it is withheld. */
  expires_at: EpochMs | null;
}

/** Pieces of evidence deleted in one turn. */
const SWEEP = 50;

const TABLE = {
  edits: sql.raw("edits"),
  versions: sql.raw("evidence_versions"),
  columns: sql.raw("seq, version, content, metadata, written_at"),
};

/**
 * Keeps a message as it is, with its versions. Called before its tombstone is made.
 * @param expires_at null keeps it until somebody decides. @param parts what brings its parts back.
 */
export function keepEvidence(
  { store }: Room,
  row: MessageRow,
  expires_at: EpochMs | null,
  parts: KeptMessage["parts"],
): void {
  // There is none yet: what comes back drops its own.
  const kept = { row: { ...row }, parts };
  store.db.insert(evidence).values({ seq: row.seq, kept, expires_at }).run();
  if (row.edited_at === null) return;
  const { edits: from, versions: to, columns } = TABLE;
  store.db.run(sql`INSERT INTO ${to} (${columns}) SELECT ${columns} FROM ${from} WHERE seq = ${row.seq}`);
}

/** What is kept of a message, or undefined. */
export function evidenceOf({ store }: Room, seq: number): Evidence | undefined {
  const found = store.db.select().from(evidence).where(eq(evidence.seq, seq)).get();
  if (!found) return undefined;
  const { kept, expires_at } = found;
  return { row: kept.row as unknown as MessageRow, parts: kept.parts, expires_at };
}

/** The earlier versions of a message that was deleted, oldest first. */
export function evidenceVersionsOf({ store }: Room, seq: number): VersionRow[] {
  const where = eq(evidenceVersions.seq, seq);
  return store.db.select().from(evidenceVersions).where(where).orderBy(asc(evidenceVersions.version)).all();
}

/** Puts the earlier versions of a message back where they were. */
export function restoreVersions({ store }: Room, seq: number): void {
  const { edits: to, versions: from, columns } = TABLE;
  store.db.delete(edits).where(eq(edits.seq, seq)).run();
  store.db.run(sql`INSERT INTO ${to} (${columns}) SELECT ${columns} FROM ${from} WHERE seq = ${seq}`);
}

/** The withheld messages among these, as they were. */
export function withheldAmong({ store }: Room, seqs: readonly number[]): MessageRow[] {
  if (seqs.length === 0) return [];
  const where = and(inArray(evidence.seq, oneOf(seqs)), isNull(evidence.expires_at));
  const rows = store.db.select({ kept: evidence.kept }).from(evidence).where(where).all();
  return rows.map(({ kept }) => kept.row as unknown as MessageRow);
}

/** The withheld messages of a sender that were said at a time or later. */
export function withheldOf({ store }: Room, senderId: string, since: EpochMs): number[] {
  const rows = store.db.select().from(evidence).where(isNull(evidence.expires_at)).all();
  return rows
    .filter(({ kept: { row } }) => row.sender_id === senderId && Number(row.created_at) >= since)
    .map(({ seq }) => seq);
}

/** A withheld message is deleted for good. @param expires_at until when it can be reported. */
export function expireEvidence({ store }: Room, seq: number, expires_at: EpochMs): void {
  store.db.update(evidence).set({ expires_at }).where(eq(evidence.seq, seq)).run();
}

/** Deletes what is kept of these messages. */
export function dropEvidence({ db }: Pick<Store, "db">, seqs: readonly number[]): void {
  db.delete(evidenceVersions)
    .where(inArray(evidenceVersions.seq, oneOf(seqs)))
    .run();
  db.delete(evidence)
    .where(inArray(evidence.seq, oneOf(seqs)))
    .run();
}

/** When the next piece of evidence must go, or undefined. */
export function nextEvidenceExpiry({ db }: Pick<Store, "db">): EpochMs | undefined {
  const rows = db.select({ at: evidence.expires_at }).from(evidence).where(isNotNull(evidence.expires_at));
  return rows.orderBy(asc(evidence.expires_at)).limit(1).get()?.at ?? undefined;
}

/** Deletes some evidence whose time has come. */
export function sweepEvidence({ db }: Pick<Store, "db">, now: EpochMs): void {
  const rows = db
    .select({ seq: evidence.seq })
    .from(evidence)
    .where(lte(evidence.expires_at, now))
    .orderBy(asc(evidence.expires_at))
    .limit(SWEEP)
    .all();
  if (rows.length === 0) return;
  const seqs = rows.map(({ seq }) => seq);
  dropEvidence({ db }, seqs);
}
