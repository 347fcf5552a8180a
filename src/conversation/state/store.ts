/** A conversation's rows. Statements on the path of a message are prepared once and run synchronously. */

import { MAX_SEQ } from "@rocket-chat-api/protocol";
import { and, asc, eq, gt, gte, inArray } from "drizzle-orm";
import { type DrizzleSqliteDODatabase, drizzle } from "drizzle-orm/durable-sqlite";
import { migrate } from "drizzle-orm/durable-sqlite/migrator";
import type { Counts } from "../../domain/unread.ts";
import type { DeliveredMark } from "../receipts/delivered.ts";
import { isPlain } from "./columns.ts";
import type { Cursor } from "./cursor.ts";
import migrations from "./migrations/migrations.js";
import { oneOf } from "./one-of.ts";
import * as schema from "./schema.ts";
import { conversation, delivered, idleHubs, members, messages } from "./schema.ts";
import { prepareStatements } from "./statements.ts";

export type ConversationRow = typeof conversation.$inferSelect;
export type MemberRow = typeof members.$inferSelect;
export type MessageRow = typeof messages.$inferSelect;

/** A range of positions: strictly between `after` and `before`, from one end, at most `limit`. */
export interface Range {
  after: number;
  before: number;
  newestFirst: boolean;
  limit: number;
  /** Whoever's hidden messages are left out; nobody's if empty. */
  viewer: string;
}

export class Store {
  readonly db: DrizzleSqliteDODatabase<typeof schema>;
  readonly #storage: DurableObjectStorage;
  #statements: ReturnType<typeof prepareStatements> | undefined;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.db = drizzle(storage, { schema });
  }

  /** Whether this object holds a conversation. Asking writes nothing, so that a guessed id costs no storage. */
  exists(): boolean {
    const tables = this.#storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = '__drizzle_migrations'");
    return tables.toArray().length > 0;
  }

  /** Brings the tables up to date. */
  async migrate(): Promise<void> {
    await migrate(this.db, migrations);
  }

  /** Runs `work` so that a throw leaves nothing behind. */
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

  /** Inserts or replaces a row of the roster. */
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

  /** Writes a message. Most have nothing in the columns beyond the plain ones, which saves binding those. */
  insertMessage(row: MessageRow): void {
    const statement = isPlain(row) ? this.prepared.insertPlain() : this.prepared.insertMessage();
    statement.run(row);
  }

  updateMessage(seq: number, row: Partial<MessageRow>): void {
    this.db.update(messages).set(row).where(eq(messages.seq, seq)).run();
  }

  /** Messages whose time is up, oldest first. */
  expired(now: number, limit: number): MessageRow[] {
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

  /** Countable messages of a sender at or below a position. */
  sentNoAt(sender_id: string, seq: number): number {
    return this.prepared.sentAt().get({ sender_id, seq })?.sender_no ?? 0;
  }

  /** Those among these people who have sent a message from after one position up to another. */
  sendersBetween(after: number, up_to: number, people: ReadonlySet<string>): string[] {
    // A long stretch is not read: each is asked for, by the index over senders.
    if (up_to - after > 4 * people.size) {
      return [...people].filter((sender_id) =>
        this.prepared.hasSentBetween().get({ sender_id, after, up_to }),
      );
    }
    const senders = this.prepared.sendersBetween().all({ after, up_to });
    return senders.map(({ user_id }) => user_id).filter((userId) => people.has(userId));
  }

  /** The newest message at or below a position, and how many are countable up to there. */
  placeAt(seq: number): { seq: number; no: number; created_at: number } {
    return this.prepared.placeAt().get({ seq }) ?? { seq: 0, no: 0, created_at: 0 };
  }

  messagesIn(range: Range): MessageRow[] {
    const { newestFirst, ...bounds } = range;
    return (newestFirst ? this.prepared.newest() : this.prepared.oldest()).all(bounds);
  }

  /** Messages from a position on that quote some of these, at most so many. */
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
   * Messages that are new or changed after a position, oldest change first. Two questions, each in the order of an
   * index, so that the cost is that of the answer: one with OR would read and sort everything after the position.
   */
  messagesChangedAfter(after: number, limit: number): MessageRow[] {
    const fresh = this.prepared.unchangedAfter().all({ after, limit });
    const changed = this.prepared.changedAfter().all({ after, limit, up_to: MAX_SEQ });
    if (changed.length === 0) return fresh;
    return [...fresh, ...changed].sort((a, b) => a.changed_seq - b.changed_seq).slice(0, limit);
  }

  /**
   * What a reader lacks who has everything up to a position, oldest first: messages from after it in their own order,
   * whatever has become of them since, and changes to those from before. So whoever writes them down as they come has
   * the messages in the order in which they were said.
   * @returns each with the position that has been reached with it.
   */
  missedSince(after: number, limit: number): { position: number; message: MessageRow }[] {
    const said = this.prepared.after().all({ after, limit });
    const changed = this.prepared.changedAfter().all({ after, limit, up_to: after });
    return [
      ...said.map((message) => ({ position: message.seq, message })),
      ...changed.map((message) => ({ position: message.changed_seq, message })),
    ]
      .sort((a, b) => a.position - b.position)
      .slice(0, limit);
  }

  /** The newest position of anything, the newest running number, and the newest message. */
  heads(): { seq: number; no: number; rev: number; newest: { seq: number; created_at: number } } {
    const newest = this.placeAt(MAX_SEQ);
    const heads = this.prepared.heads().get();
    const seq = Math.max(newest.seq, heads?.changed ?? 0, heads?.roster ?? 0, heads?.settings ?? 0);
    const rev = Math.max(heads?.rev ?? 0, heads?.hidden_rev ?? 0);
    return { seq, no: newest.no, rev, newest: { seq: newest.seq, created_at: newest.created_at } };
  }

  idleHubs(): string[] {
    return this.db
      .select()
      .from(idleHubs)
      .all()
      .map((row) => row.user_id);
  }

  addIdleHub(user_id: string): void {
    this.db.insert(idleHubs).values({ user_id }).onConflictDoNothing().run();
  }

  removeIdleHub(user_id: string): void {
    this.db.delete(idleHubs).where(eq(idleHubs.user_id, user_id)).run();
  }

  cursor(name: string): Cursor {
    const row = this.prepared.cursor().get({ name });
    return { seq: row?.seq ?? 0, rev: row?.rev ?? 0 };
  }

  setCursor(name: string, cursor: Cursor): void {
    this.prepared.setCursor().run({ name, ...cursor });
  }
}
