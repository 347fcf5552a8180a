/** A hub's rows. */
import { and, eq, gt, lte } from "drizzle-orm";
import { type DrizzleSqliteDODatabase, drizzle } from "drizzle-orm/durable-sqlite";
import { migrate } from "drizzle-orm/durable-sqlite/migrator";
import type { Handshake } from "../objects/sessions.ts";
import migrations from "./migrations/migrations.js";
import * as schema from "./schema.ts";
import { attached, hub, sleepers, tickets } from "./schema.ts";

export type HubRow = typeof hub.$inferSelect;

/** Who a ticket lets in, and until when their token lasts. */
export type TicketHolder = Pick<Handshake, "caller" | "expires_at">;

export class HubStore {
  readonly #storage: DurableObjectStorage;
  #exists = false;
  readonly #db: DrizzleSqliteDODatabase<typeof schema>;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#db = drizzle(storage, { schema });
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

  row() {
    return this.#db.select().from(hub).get();
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
    } as const;
    this.#db.insert(hub).values(fresh).run();
    return fresh;
  }

  update(patch: Partial<HubRow>): void {
    this.#db.update(hub).set(patch).run();
  }

  /** Conversations on whose own socket the user is. */
  attached(): { conversation_id: string; expires_at: number }[] {
    return this.#db.select().from(attached).all();
  }

  attach(conversation_id: string, expires_at: number): void {
    const row = { conversation_id, expires_at };
    this.#db
      .insert(attached)
      .values(row)
      .onConflictDoUpdate({ target: attached.conversation_id, set: row })
      .run();
  }

  detach(conversation_id: string): void {
    this.#db.delete(attached).where(eq(attached.conversation_id, conversation_id)).run();
  }

  /** Remembers a conversation that was told "asleep". */
  rememberSleeper(conversation_id: string): void {
    this.#db.insert(sleepers).values({ conversation_id }).onConflictDoNothing().run();
  }

  sleepers(): string[] {
    return this.#db
      .select()
      .from(sleepers)
      .all()
      .map((row) => row.conversation_id);
  }

  forgetSleeper(conversation_id: string): void {
    this.#db.delete(sleepers).where(eq(sleepers.conversation_id, conversation_id)).run();
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
