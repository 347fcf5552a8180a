/** A hub's rows. */
import { and, eq, gt, lte, sql } from "drizzle-orm";
import { type DrizzleSqliteDODatabase, drizzle } from "drizzle-orm/durable-sqlite";
import { migrate } from "drizzle-orm/durable-sqlite/migrator";
import type { ProfileNews } from "../domain/profile-news.ts";
import { lazily } from "../objects/lazily.ts";
import type { Handshake } from "../objects/sessions.ts";
import migrations from "./migrations/migrations.js";
import * as schema from "./schema.ts";
import { attached, hub, missed, sleepers, tickets } from "./schema.ts";

export type HubRow = typeof hub.$inferSelect;

/** Who a ticket lets in, and until when their token lasts. */
export type TicketHolder = Pick<Handshake, "caller" | "expires_at">;

function prepareStatements(db: DrizzleSqliteDODatabase<typeof schema>) {
  const value = sql.placeholder;
  return lazily({
    row: () => db.select().from(hub).prepare(),
    attach: () =>
      db
        .insert(attached)
        .values({ conversation_id: value("conversation_id"), expires_at: value("expires_at") })
        .onConflictDoUpdate({
          target: attached.conversation_id,
          set: { expires_at: sql`excluded.expires_at` },
        })
        .prepare(),
    detach: () =>
      db
        .delete(attached)
        .where(eq(attached.conversation_id, value("conversation_id")))
        .prepare(),
    sleepers: () => db.select().from(sleepers).prepare(),
  });
}

export class HubStore {
  readonly #storage: DurableObjectStorage;
  #exists = false;
  readonly #db: DrizzleSqliteDODatabase<typeof schema>;
  readonly #prepared: ReturnType<typeof prepareStatements>;
  /** As it is written: this object is the only writer. */
  #row: HubRow | undefined;
  #attached: Map<string, number> | undefined;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#db = drizzle(storage, { schema });
    this.#prepared = prepareStatements(this.#db);
  }

  /** Whether this user is known here. Asking writes nothing, so that a guessed id costs no storage. */
  exists(): boolean {
    this.#exists ||=
      this.#storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = '__drizzle_migrations'").toArray()
        .length > 0;
    return this.#exists;
  }

  /** Makes the tables, or brings them up to date. */
  async migrate(): Promise<void> {
    await migrate(this.#db, migrations);
  }

  /** The row of this user; undefined before the first use. */
  row(): HubRow | undefined {
    this.#row ??= this.#prepared.row.get();
    return this.#row;
  }

  /** The row of this user, made on first use. */
  rowOf(user_id: string): HubRow {
    const known = this.row();
    if (known) return known;
    const fresh = {
      user_id,
      generation: 0,
      chosen: "online",
      announced: "offline",
      listed: false,
      closed_at: null,
      profile_version: 0,
      profile_news: null,
    } as const;
    this.#db.insert(hub).values(fresh).run();
    this.#row = fresh;
    return fresh;
  }

  update(patch: Partial<HubRow>): void {
    this.#db.update(hub).set(patch).run();
    if (this.#row) this.#row = { ...this.#row, ...patch };
  }

  /** Conversations on whose own socket the user is, and when their token there ends. */
  attached(): ReadonlyMap<string, number> {
    return this.#places();
  }

  #places(): Map<string, number> {
    this.#attached ??= new Map(
      this.#db
        .select()
        .from(attached)
        .all()
        .map((row) => [row.conversation_id, row.expires_at]),
    );
    return this.#attached;
  }

  attach(conversation_id: string, expires_at: number): void {
    this.#prepared.attach.run({ conversation_id, expires_at });
    this.#places().set(conversation_id, expires_at);
  }

  detach(conversation_id: string): void {
    this.#prepared.detach.run({ conversation_id });
    this.#places().delete(conversation_id);
  }

  /** Remembers a conversation that was told "asleep". */
  rememberSleeper(conversation_id: string): void {
    this.#db.insert(sleepers).values({ conversation_id }).onConflictDoNothing().run();
  }

  sleepers(): string[] {
    return this.#prepared.sleepers.all().map((row) => row.conversation_id);
  }

  forgetSleeper(conversation_id: string): void {
    this.#db.delete(sleepers).where(eq(sleepers.conversation_id, conversation_id)).run();
  }

  /** A changed profile that not every conversation has yet. */
  news(): ProfileNews | null {
    return this.row()?.profile_news ?? null;
  }

  /** There is a newer one: it is for every conversation, so nothing is left of who missed older ones. */
  beginNews(news: ProfileNews): void {
    this.#db.delete(missed).run();
    this.update({ profile_version: news.profile.profile_version, profile_news: news });
  }

  setNews(profile_news: ProfileNews | null): void {
    this.update({ profile_news });
  }

  /** Conversations that could not be told of it. */
  missed(limit: number): string[] {
    const rows = this.#db.select().from(missed).limit(limit).all();
    return rows.map((row) => row.conversation_id);
  }

  rememberMissed(conversation_id: string): void {
    this.#db.insert(missed).values({ conversation_id }).onConflictDoNothing().run();
  }

  forgetMissed(conversation_id: string): void {
    this.#db.delete(missed).where(eq(missed.conversation_id, conversation_id)).run();
  }

  addTicket(ticket: string, holder: TicketHolder, expires_at: number): void {
    this.#db
      .insert(tickets)
      .values({ ticket, identity: JSON.stringify(holder), expires_at })
      .run();
  }

  /** Uses a ticket up; undefined if it is unknown, used or too old. */
  takeTicket(ticket: string, now: number): TicketHolder | undefined {
    this.#db.delete(tickets).where(lte(tickets.expires_at, now)).run();
    const row = this.#db
      .delete(tickets)
      .where(and(eq(tickets.ticket, ticket), gt(tickets.expires_at, now)))
      .returning()
      .get();
    return row && (JSON.parse(row.identity) as TicketHolder);
  }
}
