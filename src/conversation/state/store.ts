/** Reads and writes a conversation's rows. Statements on the path of a message are prepared once and run synchronously. */

import { MAX_SEQ } from "@rocket-chat-api/protocol";
import { and, asc, eq, gt, gte, inArray } from "drizzle-orm";
import { type DrizzleSqliteDODatabase, drizzle } from "drizzle-orm/durable-sqlite";
import { migrate } from "drizzle-orm/durable-sqlite/migrator";
import type { DeliveredMark } from "../../domain/delivered.ts";
import type { EpochMs } from "../../domain/time.ts";
import type { Counts } from "../../domain/unread.ts";
import { INSERT_PLAIN, plainValues } from "./columns.ts";
import type { Cursor } from "./cursor.ts";
import { CONSUMERS, Cursors } from "./cursors.ts";
import migrations from "./migrations/migrations.js";
import { type Missed, wholePositions } from "./missed.ts";
import { oneOf } from "./one-of.ts";
import type { Range } from "./range.ts";
import { Recoveries } from "./recoveries.ts";
import * as schema from "./schema.ts";
import { conversation, delivered, idleHubs, members, messages } from "./schema.ts";
import { prepareStatements } from "./statements.ts";
import { Tallies } from "./tallies.ts";

export type ConversationRow = typeof conversation.$inferSelect;
export type MemberRow = typeof members.$inferSelect;
export type MessageRow = typeof messages.$inferSelect;

/** A message's `seq`, time, sender and running numbers. */
export type Place = Pick<MessageRow, "seq" | "no" | "sender_id" | "sender_no" | "created_at">;

const NOWHERE: Place = { seq: 0, no: 0, sender_id: "", sender_no: 0, created_at: 0 };

export class Store {
  readonly db: DrizzleSqliteDODatabase<typeof schema>;
  readonly cursors: Cursors;
  readonly tallies: Tallies;
  readonly recoveries: Recoveries;
  readonly #storage: DurableObjectStorage;
  #statements: ReturnType<typeof prepareStatements> | undefined;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.db = drizzle(storage, { schema });
    this.cursors = new Cursors(
      {
        read: (name) => this.prepared.cursor().get({ name }),
        write: (name, cursor) => this.prepared.setCursor().run({ name, ...cursor }),
      },
      CONSUMERS,
    );
    this.tallies = new Tallies(storage.sql);
    this.recoveries = new Recoveries(storage);
  }

  /** Whether this object has a conversation. Asking writes nothing, so that guessed ids cost no storage. */
  exists(): boolean {
    const query = "SELECT 1 FROM sqlite_master WHERE name = '__drizzle_migrations'";
    return this.#storage.sql.exec(query).toArray().length > 0;
  }

  /** Applies migrations. */
  async migrate(): Promise<void> {
    await migrate(this.db, migrations);
  }

  /** Runs `work` in a transaction that an error rolls back. */
  atomically<T>(work: () => T): T {
    return this.#storage.transactionSync(work);
  }

  private get prepared() {
    this.#statements ??= prepareStatements(this.db);
    return this.#statements;
  }

  conversation(): ConversationRow | undefined {
    return this.db.select().from(conversation).get();
  }

  updateConversation(row: Partial<ConversationRow>): void {
    this.db.update(conversation).set(row).run();
  }

  delivered(): Record<string, DeliveredMark[]> {
    return this.db.select().from(delivered).get()?.watermarks ?? {};
  }

  putDelivered(watermarks: Record<string, DeliveredMark[]>): void {
    this.prepared.putDelivered().run({ watermarks });
  }

  insertConversation(row: ConversationRow): void {
    this.db.insert(conversation).values(row).run();
  }

  members(): MemberRow[] {
    return this.db.select().from(members).orderBy(asc(members.joined_seq)).all();
  }

  /** Inserts or replaces a member. */
  putMember(row: MemberRow): void {
    this.prepared.putMember().run(row);
  }

  /** Replaces the counts of many members with one statement. */
  putCounts(counts: readonly Counts[], version: { rev: number; at_seq: number }): void {
    this.prepared.putCounts().run({ counts: JSON.stringify(counts), ...version });
  }

  membersChangedAfter(rev: number): MemberRow[] {
    return this.db.select().from(members).where(gt(members.rev, rev)).all();
  }

  /** Writes a message. @param isPlain whether its rare columns are empty (columns.ts): binding them costs time. */
  insertMessage(row: MessageRow, isPlain: boolean): void {
    if (isPlain) this.#storage.sql.exec(INSERT_PLAIN, ...plainValues(row));
    else this.prepared.insertMessage().run(row);
  }

  updateMessage(seq: number, row: Partial<MessageRow>): void {
    this.db.update(messages).set(row).where(eq(messages.seq, seq)).run();
  }

  /** Expired messages, oldest first. */
  expired(now: EpochMs, limit: number): MessageRow[] {
    return this.prepared.expired().all({ now, limit });
  }

  /** When the next message expires, or undefined. */
  nextExpiry(): number | undefined {
    return this.prepared.nextExpiry().get()?.at ?? undefined;
  }

  message(seq: number): MessageRow | undefined {
    return this.prepared.message().get({ seq });
  }

  messageByClientId(sender_id: string, client_id: string): MessageRow | undefined {
    return this.prepared.byClientId().get({ sender_id, client_id });
  }

  /** Who has sent a message after one position and up to another. */
  sendersBetween(after: number, up_to: number): string[] {
    const rows = this.prepared.sendersBetween().all({ after, up_to });
    return rows.map(({ user_id }) => user_id);
  }

  /** The newest message at or below a position, with the running numbers up to it. */
  placeAt(seq: number): Place {
    return this.prepared.placeAt().get({ seq }) ?? NOWHERE;
  }

  messagesIn(range: Range): MessageRow[] {
    const { newestFirst, unseen, ...bounds } = range;
    if (unseen && unseen.size > 0) {
      const named = { ...bounds, unseen: JSON.stringify([...unseen]) };
      return (newestFirst ? this.prepared.newestSeen() : this.prepared.oldestSeen()).all(named);
    }
    return (newestFirst ? this.prepared.newest() : this.prepared.oldest()).all(bounds);
  }

  /** Messages from a position on that quote one of these, limited. */
  quotesOf(seqs: readonly number[], from: number, limit: number): MessageRow[] {
    if (seqs.length === 0) return [];
    return this.db
      .select()
      .from(messages)
      .where(and(gte(messages.seq, from), inArray(messages.reply_to_seq, oneOf(seqs))))
      .orderBy(asc(messages.seq))
      .limit(limit)
      .all();
  }

  /** Messages at these positions. */
  messagesAt(seqs: number[]): MessageRow[] {
    if (seqs.length === 0) return [];
    return this.db
      .select()
      .from(messages)
      .where(inArray(messages.seq, oneOf(seqs)))
      .all();
  }

  /**
   * Messages that are new or changed after a position, oldest change first. Two queries, each in the order of an index: one
   * with OR would read and sort everything after the position.
   */
  messagesChangedAfter(after: number, limit: number): MessageRow[] {
    const fresh = this.prepared.unchangedAfter().all({ after, limit });
    const changed = this.prepared.changedAfter().all({ after, limit, up_to: MAX_SEQ });
    if (changed.length === 0) return fresh;
    return [...fresh, ...changed].sort((a, b) => a.changed_seq - b.changed_seq).slice(0, limit);
  }

  /**
   * What a reader with everything up to a position is missing: later messages in order, with their later changes, and changes
   * to earlier messages. A reader that stores them so has the messages in the order of `seq`.
   * @param limit at most so many, unless more have changed with one number.
   * @returns each message with the position that it brings the reader to, and whether that is all.
   */
  missedSince(after: number, limit: number): { rows: Missed<MessageRow>[]; isAll: boolean } {
    const said = this.prepared.after().all({ after, limit: limit + 1 });
    const changed = this.prepared.changedAfter().all({ after, limit: limit + 1, up_to: after });
    const missed = [
      ...said.map((message) => ({ position: message.seq, message })),
      ...changed.map((message) => ({ position: message.changed_seq, message })),
    ].sort((a, b) => a.position - b.position);
    if (missed.length <= limit) return { rows: missed, isAll: true };
    const rows = wholePositions(missed, limit);
    if (rows.length <= limit) return { rows, isAll: false };
    const position = rows[0]?.position ?? 0;
    const together = this.prepared.changedAt().all({ seq: position, after });
    return { rows: together.map((message) => ({ position, message })), isAll: false };
  }

  /** Messages that were changed after a position, and were ever edited or deleted: the newest change first, limited. */
  correctedAfter(after: number, limit: number): MessageRow[] {
    return this.prepared.correctedAfter().all({ after, limit });
  }

  /** The highest `seq`, the highest running number, and the newest message. */
  heads(): { seq: number; no: number; rev: number; newest: { seq: number; created_at: number } } {
    const newest = this.placeAt(MAX_SEQ);
    const heads = this.prepared.heads().get();
    const seq = Math.max(newest.seq, heads?.changed ?? 0, heads?.roster ?? 0, heads?.settings ?? 0);
    const rev = Math.max(heads?.rev ?? 0, heads?.hidden_rev ?? 0);
    return { seq, no: newest.no, rev, newest: { seq: newest.seq, created_at: newest.created_at } };
  }

  idleHubs(): string[] {
    const rows = this.db.select().from(idleHubs).all();
    return rows.map((row) => row.user_id);
  }

  addIdleHub(user_id: string): void {
    this.db.insert(idleHubs).values({ user_id }).onConflictDoNothing().run();
  }

  removeIdleHub(user_id: string): void {
    this.db.delete(idleHubs).where(eq(idleHubs.user_id, user_id)).run();
  }

  /** How far a consumer of changes has come. */
  cursor(name: string): Cursor {
    return this.cursors.of(name);
  }

  setCursor(name: string, cursor: Cursor): void {
    this.cursors.set(name, cursor);
  }
}
