/** Rows that hang on messages: reactions, earlier versions, mentions, what a member hid, when it was read. */
import {
  and,
  asc,
  between,
  count,
  countDistinct,
  desc,
  eq,
  gt,
  gte,
  inArray,
  isNull,
  max,
  ne,
  or,
  sql,
} from "drizzle-orm";
import type { DrizzleSqliteDODatabase } from "drizzle-orm/durable-sqlite";
import type * as schema from "./schema.ts";
import { attachments, edits, hidden, mentions, messages, reactions, readMarks } from "./schema.ts";

export type ReactionRow = typeof reactions.$inferSelect;
type MessageRow = typeof messages.$inferSelect;
export type EditRow = typeof edits.$inferSelect;
export type HiddenRow = typeof hidden.$inferSelect;
export type AttachmentBinding = typeof attachments.$inferSelect;

/** Stands for everybody in `mentions`. */
const EVERYBODY = "*";

/** A list of numbers as one parameter: a statement takes at most 100. */
function oneOf(values: readonly number[]) {
  return sql`(SELECT value FROM json_each(${JSON.stringify(values)}))`;
}

export class Annotations {
  readonly #db: DrizzleSqliteDODatabase<typeof schema>;
  /** Whether any member has hidden anything, once that was asked: where nobody has, no message costs a query. */
  #anyHidden: boolean | undefined;

  constructor(db: DrizzleSqliteDODatabase<typeof schema>) {
    this.#db = db;
  }

  /** Reactions to these messages in the order in which they came, which a clock that was set back does not tell. */
  reactionsTo(seqs: readonly number[]): ReactionRow[] {
    if (seqs.length === 0) return [];
    return this.#db
      .select()
      .from(reactions)
      .where(inArray(reactions.seq, oneOf(seqs)))
      .orderBy(sql`${reactions}.rowid`)
      .all();
  }

  reaction(seq: number, user_id: string, emoji: string): ReactionRow | undefined {
    return this.#db
      .select()
      .from(reactions)
      .where(and(eq(reactions.seq, seq), eq(reactions.user_id, user_id), eq(reactions.emoji, emoji)))
      .get();
  }

  /** How many reactions a message has, and how many of those are a user's and are this emoji. */
  reactionTotals(seq: number, user_id: string, emoji: string) {
    const totals = this.#db
      .select({
        all: count(),
        emoji: countDistinct(reactions.emoji),
        own: sql<number | null>`sum(${reactions.user_id} = ${user_id})`,
        same: sql<number | null>`sum(${reactions.emoji} = ${emoji})`,
      })
      .from(reactions)
      .where(eq(reactions.seq, seq))
      .get();
    return {
      all: totals?.all ?? 0,
      emoji: totals?.emoji ?? 0,
      own: totals?.own ?? 0,
      same: totals?.same ?? 0,
    };
  }

  addReaction(row: ReactionRow): void {
    this.#db.insert(reactions).values(row).run();
  }

  removeReaction(reaction_id: string, seq: number): void {
    this.#db
      .delete(reactions)
      .where(and(eq(reactions.seq, seq), eq(reactions.reaction_id, reaction_id)))
      .run();
  }

  /** Earlier versions of a message from one number up to another, oldest first. The message as it was sent is 0. */
  edits(seq: number, from: number, to: number): EditRow[] {
    const where = and(eq(edits.seq, seq), between(edits.version, from, to));
    return this.#db.select().from(edits).where(where).orderBy(asc(edits.version)).all();
  }

  /** How often a message was edited: its versions have no gaps. */
  editCount(seq: number): number {
    const newest = this.#db
      .select({ version: max(edits.version) })
      .from(edits)
      .where(eq(edits.seq, seq))
      .get();
    return (newest?.version ?? -1) + 1;
  }

  addEdit(row: EditRow): void {
    this.#db.insert(edits).values(row).run();
  }

  /** Notes who is mentioned in a message, instead of whoever was. */
  setMentions(seq: number, set: { all: boolean; user_ids: string[] } | null): void {
    this.#db.delete(mentions).where(eq(mentions.seq, seq)).run();
    const user_ids = set ? [...(set.all ? [EVERYBODY] : []), ...set.user_ids] : [];
    for (const user_id of user_ids) this.#db.insert(mentions).values({ user_id, seq }).run();
  }

  /** Messages above a watermark that mention a member, that they may still see. */
  mentionsAbove(user_id: string, watermark: number): number {
    return (
      this.#db
        .select({ n: sql<number>`count(DISTINCT ${mentions.seq})` })
        .from(mentions)
        .innerJoin(messages, eq(messages.seq, mentions.seq))
        .leftJoin(hidden, and(eq(hidden.seq, mentions.seq), eq(hidden.user_id, user_id)))
        .where(
          and(
            or(eq(mentions.user_id, user_id), eq(mentions.user_id, EVERYBODY)),
            gt(mentions.seq, watermark),
            ne(messages.sender_id, user_id),
            isNull(messages.deleted_at),
            isNull(hidden.seq),
          ),
        )
        .get()?.n ?? 0
    );
  }

  /** The others' countable messages above a watermark that are deleted, for everyone or for this member. */
  deletedAbove(user_id: string, watermark: number): number {
    const forEveryone = this.#db
      .select({ n: count() })
      .from(messages)
      .where(
        and(
          gt(messages.seq, watermark),
          sql`${messages.deleted_at} IS NOT NULL`,
          ne(messages.sender_id, user_id),
        ),
      )
      .get();
    const forMe = this.#db
      .select({ n: count() })
      .from(hidden)
      .innerJoin(messages, eq(messages.seq, hidden.seq))
      .where(
        and(
          eq(hidden.user_id, user_id),
          gt(hidden.seq, watermark),
          isNull(messages.deleted_at),
          ne(messages.sender_id, user_id),
          ne(messages.type, "system"),
        ),
      )
      .get();
    return (forEveryone?.n ?? 0) + (forMe?.n ?? 0);
  }

  #hasHidden(): boolean {
    // The highest is the end of an index.
    this.#anyHidden ??=
      (this.#db
        .select({ seq: max(hidden.seq) })
        .from(hidden)
        .get()?.seq ?? null) !== null;
    return this.#anyHidden;
  }

  isHidden(user_id: string, seq: number): boolean {
    if (!this.#hasHidden()) return false;
    const where = and(eq(hidden.user_id, user_id), eq(hidden.seq, seq));
    return this.#db.select().from(hidden).where(where).get() !== undefined;
  }

  /** Those among these messages that a member has hidden. */
  hiddenAmong(user_id: string, seqs: number[]): Set<number> {
    if (seqs.length === 0 || !this.#hasHidden()) return new Set();
    const where = and(eq(hidden.user_id, user_id), inArray(hidden.seq, oneOf(seqs)));
    const rows = this.#db.select({ seq: hidden.seq }).from(hidden).where(where).all();
    return new Set(rows.map((row) => row.seq));
  }

  /** Who has hidden which of these messages: place -> members. */
  hidersOf(seqs: readonly number[]): Map<number, Set<string>> {
    if (!this.#hasHidden()) return new Map();
    const rows = this.#db
      .select({ seq: hidden.seq, user_id: hidden.user_id })
      .from(hidden)
      .where(inArray(hidden.seq, oneOf(seqs)))
      .all();
    const bySeq = new Map<number, Set<string>>();
    for (const { seq, user_id } of rows) bySeq.set(seq, (bySeq.get(seq) ?? new Set()).add(user_id));
    return bySeq;
  }

  /** Who has hidden a message. */
  hiddenBy(seq: number): string[] {
    if (!this.#hasHidden()) return [];
    const rows = this.#db.select({ user_id: hidden.user_id }).from(hidden).where(eq(hidden.seq, seq)).all();
    return rows.map((row) => row.user_id);
  }

  hide(row: HiddenRow): void {
    this.#anyHidden = true;
    this.#db.insert(hidden).values(row).onConflictDoNothing().run();
  }

  hiddenAfterRev(rev: number): HiddenRow[] {
    return this.#db.select().from(hidden).where(gt(hidden.rev, rev)).all();
  }

  /** Messages that a member hid since a position of the conversation, at most so many. */
  hiddenSince(user_id: string, at_seq: number, limit: number): number[] {
    const where = and(eq(hidden.user_id, user_id), gte(hidden.at_seq, at_seq));
    const rows = this.#db.select({ seq: hidden.seq }).from(hidden).where(where).orderBy(asc(hidden.at_seq));
    return rows
      .limit(limit)
      .all()
      .map((row) => row.seq);
  }

  /** The newest messages that a member hid, at most so many. */
  newestHidden(user_id: string, limit: number): number[] {
    const rows = this.#db.select({ seq: hidden.seq }).from(hidden).where(eq(hidden.user_id, user_id));
    return rows
      .orderBy(desc(hidden.seq))
      .limit(limit)
      .all()
      .map((row) => row.seq);
  }

  addReadMark(user_id: string, seq: number, at: number): void {
    this.#db.insert(readMarks).values({ user_id, seq, at }).onConflictDoNothing().run();
  }

  /** When members read a message: the first time that their watermark stood at it or above. */
  readTimes(seq: number): Map<string, number> {
    const rows = this.#db.all<{ user_id: string; at: number | null }>(sql`
      SELECT m.user_id, (SELECT r.at FROM read_marks AS r WHERE r.user_id = m.user_id AND r.seq >= ${seq}
        ORDER BY r.seq LIMIT 1) AS at
      FROM members AS m`);
    return new Map(rows.flatMap((row) => (row.at === null ? [] : [[row.user_id, row.at]])));
  }

  /** Notes which message has these attachments. It stays noted, so that none is sent twice. */
  bind(seq: number, attachmentIds: readonly string[]): void {
    for (const attachment_id of attachmentIds)
      this.#db.insert(attachments).values({ attachment_id, seq }).run();
  }

  /** The messages that have or had some of these attachments. */
  boundAmong(attachmentIds: readonly string[]): AttachmentBinding[] {
    const wanted = sql`(SELECT value FROM json_each(${JSON.stringify(attachmentIds)}))`;
    return this.#db.select().from(attachments).where(inArray(attachments.attachment_id, wanted)).all();
  }

  /** The attachments that these messages have or had. */
  attachmentsOf(seqs: readonly number[]): AttachmentBinding[] {
    if (seqs.length === 0) return [];
    return this.#db
      .select()
      .from(attachments)
      .where(inArray(attachments.seq, oneOf(seqs)))
      .all();
  }

  /** Messages from a position on that quote some of these, at most so many. */
  quotesOf(seqs: readonly number[], from: number, limit: number): MessageRow[] {
    if (seqs.length === 0) return [];
    return this.#db
      .select()
      .from(messages)
      .where(and(gte(messages.seq, from), inArray(messages.reply_to_seq, oneOf(seqs))))
      .orderBy(asc(messages.seq))
      .limit(limit)
      .all();
  }

  /** Removes everything that hangs on a deleted message. */
  clear(seq: number): void {
    for (const table of [reactions, edits, mentions]) this.#db.delete(table).where(eq(table.seq, seq)).run();
  }
}
