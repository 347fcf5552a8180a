/** A hub's rows. */
import { and, eq, gt, lte, sql } from "drizzle-orm";
import { type DrizzleSqliteDODatabase, drizzle } from "drizzle-orm/durable-sqlite";
import { migrate } from "drizzle-orm/durable-sqlite/migrator";
import type { Spent } from "../domain/quota.ts";
import { lazily } from "../realtime/lazily.ts";
import type { TicketHolder } from "../realtime/objects.ts";
import migrations from "./migrations/migrations.js";
import type { ProfileNews } from "./profile-news.ts";
import * as schema from "./schema.ts";
import { devices, hub, idleIn, missed, tickets } from "./schema.ts";

export type HubRow = typeof hub.$inferSelect;

/** A device at a conversation's own socket. */
export type Device = typeof devices.$inferSelect;

/** The key of what is spent. */
const SPENT = "spent";

function prepareStatements(db: DrizzleSqliteDODatabase<typeof schema>) {
  const value = sql.placeholder;
  return lazily({
    row: () => db.select().from(hub).prepare(),
    addDevice: () =>
      db
        .insert(devices)
        .values({
          connection_id: value("connection_id"),
          conversation_id: value("conversation_id"),
          expires_at: value("expires_at"),
          status: value("status"),
        })
        .onConflictDoUpdate({
          target: devices.connection_id,
          set: { expires_at: sql`excluded.expires_at`, status: sql`excluded.status` },
        })
        .prepare(),
    removeDevice: () =>
      db
        .delete(devices)
        .where(eq(devices.connection_id, value("connection_id")))
        .prepare(),
    idleIn: () => db.select().from(idleIn).prepare(),
  });
}

export class HubStore {
  readonly #storage: DurableObjectStorage;
  #exists = false;
  readonly #db: DrizzleSqliteDODatabase<typeof schema>;
  readonly #prepared: ReturnType<typeof prepareStatements>;
  /** As it is written: this object is the only writer. */
  #row: HubRow | undefined;
  #devices: Map<string, Device> | undefined;

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
      wake_epoch: 0,
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

  /** Devices at conversations' own sockets, by connection. */
  devices(): ReadonlyMap<string, Device> {
    return this.#known();
  }

  #known(): Map<string, Device> {
    this.#devices ??= new Map(
      this.#db
        .select()
        .from(devices)
        .all()
        .map((row) => [row.connection_id, row]),
    );
    return this.#devices;
  }

  /** Adds a device, or replaces what is known of it. */
  setDevice(device: Device): void {
    const known = this.#known().get(device.connection_id);
    if (known && known.expires_at === device.expires_at && known.status === device.status) return;
    this.#prepared.addDevice.run({ ...device });
    this.#known().set(device.connection_id, device);
  }

  /** Removes a device. @returns what was known of it. */
  removeDevice(connection_id: string): Device | undefined {
    const known = this.#known().get(connection_id);
    if (!known) return undefined;
    this.#prepared.removeDevice.run({ connection_id });
    this.#known().delete(connection_id);
    return known;
  }

  /** Remembers a conversation that was told "asleep". */
  addIdleIn(conversation_id: string): void {
    this.#db.insert(idleIn).values({ conversation_id }).onConflictDoNothing().run();
  }

  idleIn(): string[] {
    return this.#prepared.idleIn.all().map((row) => row.conversation_id);
  }

  removeIdleIn(conversation_id: string): void {
    this.#db.delete(idleIn).where(eq(idleIn.conversation_id, conversation_id)).run();
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

  /** What the user has taken of their budgets. It needs no table, so that a first request makes none. */
  spent(): Spent {
    return this.#storage.kv.get<Spent>(SPENT) ?? {};
  }

  putSpent(spent: Spent): void {
    this.#storage.kv.put(SPENT, spent);
  }

  addTicket(ticket: string, holder: TicketHolder, expires_at: number): void {
    this.#db
      .insert(tickets)
      .values({ ticket, identity: JSON.stringify(holder), expires_at })
      .run();
  }

  /** Forgets tickets that are too old. */
  sweepTickets(now: number): void {
    this.#db.delete(tickets).where(lte(tickets.expires_at, now)).run();
  }

  /** Uses a ticket up; undefined if it is unknown, used or too old. */
  takeTicket(ticket: string, now: number): TicketHolder | undefined {
    this.sweepTickets(now);
    const row = this.#db
      .delete(tickets)
      .where(and(eq(tickets.ticket, ticket), gt(tickets.expires_at, now)))
      .returning()
      .get();
    return row && (JSON.parse(row.identity) as TicketHolder);
  }
}
