/** Messages that members have deleted for themselves (rule 17). */
import { and, asc, desc, eq, gt, gte, inArray, max } from "drizzle-orm";
import type { DrizzleSqliteDODatabase } from "drizzle-orm/durable-sqlite";
import { oneOf } from "./one-of.ts";
import type * as schema from "./schema.ts";
import { hidden } from "./schema.ts";

export type HiddenRow = typeof hidden.$inferSelect;

export class HiddenMessages {
  readonly #db: DrizzleSqliteDODatabase<typeof schema>;
  /** Whether any member has hidden a message, once known. If none has, messages need no query. */
  #any: boolean | undefined;

  constructor(db: DrizzleSqliteDODatabase<typeof schema>) {
    this.#db = db;
  }

  #hasAny(): boolean {
    // Reading the highest value is one step in an index.
    this.#any ??=
      (this.#db
        .select({ seq: max(hidden.seq) })
        .from(hidden)
        .get()?.seq ?? null) !== null;
    return this.#any;
  }

  has(user_id: string, seq: number): boolean {
    if (!this.#hasAny()) return false;
    const where = and(eq(hidden.user_id, user_id), eq(hidden.seq, seq));
    return this.#db.select().from(hidden).where(where).get() !== undefined;
  }

  /** The messages among these that a member has hidden. */
  among(user_id: string, seqs: number[]): Set<number> {
    if (seqs.length === 0 || !this.#hasAny()) return new Set();
    const where = and(eq(hidden.user_id, user_id), inArray(hidden.seq, oneOf(seqs)));
    const rows = this.#db.select({ seq: hidden.seq }).from(hidden).where(where).all();
    return new Set(rows.map((row) => row.seq));
  }

  /** The members who have hidden these messages, by `seq`. */
  hidersOf(seqs: readonly number[]): Map<number, Set<string>> {
    if (!this.#hasAny()) return new Map();
    const rows = this.#db
      .select({ seq: hidden.seq, user_id: hidden.user_id })
      .from(hidden)
      .where(inArray(hidden.seq, oneOf(seqs)))
      .all();
    const bySeq = new Map<number, Set<string>>();
    for (const { seq, user_id } of rows) bySeq.set(seq, (bySeq.get(seq) ?? new Set()).add(user_id));
    return bySeq;
  }

  /** The members who have hidden a message. */
  hidersOfOne(seq: number): string[] {
    if (!this.#hasAny()) return [];
    const rows = this.#db.select({ user_id: hidden.user_id }).from(hidden).where(eq(hidden.seq, seq)).all();
    return rows.map((row) => row.user_id);
  }

  add(row: HiddenRow): void {
    this.#any = true;
    this.#db.insert(hidden).values(row).onConflictDoNothing().run();
  }

  afterRev(rev: number): HiddenRow[] {
    return this.#db.select().from(hidden).where(gt(hidden.rev, rev)).all();
  }

  /** Messages that a member hid since a position, limited. */
  since(user_id: string, at_seq: number, limit: number): number[] {
    const where = and(eq(hidden.user_id, user_id), gte(hidden.at_seq, at_seq));
    const rows = this.#db.select({ seq: hidden.seq }).from(hidden).where(where).orderBy(asc(hidden.at_seq));
    return rows
      .limit(limit)
      .all()
      .map((row) => row.seq);
  }

  /** The newest messages that a member hid, limited. */
  newest(user_id: string, limit: number): number[] {
    const rows = this.#db.select({ seq: hidden.seq }).from(hidden).where(eq(hidden.user_id, user_id));
    return rows
      .orderBy(desc(hidden.seq))
      .limit(limit)
      .all()
      .map((row) => row.seq);
  }
}
