/** A conversation's rows. Statements on the path of a message are prepared once and run synchronously. */
import { and, asc, desc, eq, gt, lt, ne, or, sql } from "drizzle-orm";
import { type DrizzleSqliteDODatabase, drizzle } from "drizzle-orm/durable-sqlite";
import { migrate } from "drizzle-orm/durable-sqlite/migrator";
import migrations from "./migrations/migrations.js";
import * as schema from "./schema.ts";
import { asleep, conversation, cursors, members, messages } from "./schema.ts";

export type ConversationRow = typeof conversation.$inferSelect;
export type MemberRow = typeof members.$inferSelect;
export type MessageRow = typeof messages.$inferSelect;
export type Cursor = { seq: number; rev: number };

/** A range of positions: strictly between `after` and `before`, from one end, at most `limit`. */
export interface Range {
  after: number;
  before: number;
  newestFirst: boolean;
  limit: number;
}

function prepareStatements(db: DrizzleSqliteDODatabase<typeof schema>) {
  const value = sql.placeholder;
  const between = and(gt(messages.seq, value("after")), lt(messages.seq, value("before")));
  const changedAfter = or(
    gt(messages.seq, value("after")),
    and(gt(messages.changed_seq, value("after")), gt(messages.changed_seq, messages.seq)),
  );
  return {
    insertMessage: db
      .insert(messages)
      .values({
        seq: value("seq"),
        sender_id: value("sender_id"),
        type: value("type"),
        content: value("content"),
        created_at: value("created_at"),
        client_message_id: value("client_message_id"),
        reply_to_seq: value("reply_to_seq"),
        metadata: value("metadata"),
        system: value("system"),
        mentions: value("mentions"),
        expires_at: value("expires_at"),
        no: value("no"),
        sender_no: value("sender_no"),
        changed_seq: value("changed_seq"),
      })
      .prepare(),
    message: db
      .select()
      .from(messages)
      .where(eq(messages.seq, value("seq")))
      .prepare(),
    byClientId: db
      .select()
      .from(messages)
      .where(
        and(eq(messages.sender_id, value("sender_id")), eq(messages.client_message_id, value("client_id"))),
      )
      .prepare(),
    lastOf: db
      .select({ seq: messages.seq, sender_no: messages.sender_no })
      .from(messages)
      .where(and(eq(messages.sender_id, value("sender_id")), ne(messages.type, "system")))
      .orderBy(desc(messages.seq))
      .limit(1)
      .prepare(),
    newest: db
      .select()
      .from(messages)
      .where(between)
      .orderBy(desc(messages.seq))
      .limit(value("limit"))
      .prepare(),
    oldest: db
      .select()
      .from(messages)
      .where(between)
      .orderBy(asc(messages.seq))
      .limit(value("limit"))
      .prepare(),
    changed: db
      .select()
      .from(messages)
      .where(changedAfter)
      .orderBy(asc(messages.changed_seq))
      .limit(value("limit"))
      .prepare(),
  };
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

  insertConversation(row: ConversationRow): void {
    this.db.insert(conversation).values(row).run();
  }

  members(): MemberRow[] {
    return this.db.select().from(members).orderBy(asc(members.joined_seq)).all();
  }

  /** Inserts or replaces a row of the roster. */
  putMember(row: MemberRow): void {
    this.db.insert(members).values(row).onConflictDoUpdate({ target: members.user_id, set: row }).run();
  }

  membersChangedAfter(rev: number): MemberRow[] {
    return this.db.select().from(members).where(gt(members.rev, rev)).all();
  }

  insertMessage(row: Omit<MessageRow, "edited_at" | "deleted_at">): void {
    this.prepared.insertMessage.run(row);
  }

  message(seq: number): MessageRow | undefined {
    return this.prepared.message.get({ seq });
  }

  messageByClientId(sender_id: string, client_id: string): MessageRow | undefined {
    return this.prepared.byClientId.get({ sender_id, client_id });
  }

  /** The running number of a sender's newest countable message; 0 if there is none. */
  lastSenderNo(sender_id: string): number {
    return this.prepared.lastOf.get({ sender_id })?.sender_no ?? 0;
  }

  messagesIn(range: Range): MessageRow[] {
    const { newestFirst, ...bounds } = range;
    return (newestFirst ? this.prepared.newest : this.prepared.oldest).all(bounds);
  }

  /** Messages at these positions. */
  messagesAt(seqs: number[]): MessageRow[] {
    if (seqs.length === 0) return [];
    const wanted = sql`${messages.seq} IN (SELECT value FROM json_each(${JSON.stringify(seqs)}))`;
    return this.db.select().from(messages).where(wanted).all();
  }

  /** Messages that are new or changed after a position, oldest change first. */
  messagesChangedAfter(after: number, limit: number): MessageRow[] {
    return this.prepared.changed.all({ after, limit });
  }

  /** The newest position of anything, and the newest running number. */
  heads(): { seq: number; no: number; rev: number } {
    const one = <T>(rows: T[]): T | undefined => rows[0];
    const last = this.db.select({ seq: messages.seq, no: messages.no }).from(messages);
    const newest = one(last.orderBy(desc(messages.seq)).limit(1).all());
    const changed = one(
      this.db
        .select({ seq: sql<number | null>`max(${messages.changed_seq})` })
        .from(messages)
        .where(gt(messages.changed_seq, messages.seq))
        .all(),
    );
    const roster = one(
      this.db
        .select({
          seq: sql<number | null>`max(${members.changed_seq})`,
          rev: sql<number | null>`max(${members.rev})`,
        })
        .from(members)
        .all(),
    );
    const seq = Math.max(
      newest?.seq ?? 0,
      changed?.seq ?? 0,
      roster?.seq ?? 0,
      this.conversation()?.changed_seq ?? 0,
    );
    return { seq, no: newest?.no ?? 0, rev: roster?.rev ?? 0 };
  }

  asleep(): string[] {
    return this.db
      .select()
      .from(asleep)
      .all()
      .map((row) => row.user_id);
  }

  addAsleep(user_id: string): void {
    this.db.insert(asleep).values({ user_id }).onConflictDoNothing().run();
  }

  removeAsleep(user_id: string): void {
    this.db.delete(asleep).where(eq(asleep.user_id, user_id)).run();
  }

  cursor(name: string): Cursor {
    const row = this.db.select().from(cursors).where(eq(cursors.name, name)).get();
    return { seq: row?.seq ?? 0, rev: row?.rev ?? 0 };
  }

  setCursor(name: string, cursor: Cursor): void {
    this.db
      .insert(cursors)
      .values({ name, ...cursor })
      .onConflictDoUpdate({ target: cursors.name, set: cursor })
      .run();
  }
}
