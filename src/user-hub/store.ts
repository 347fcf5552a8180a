/** A hub's rows. */
import { and, eq, gt, lte } from "drizzle-orm";
import { type DrizzleSqliteDODatabase, drizzle } from "drizzle-orm/durable-sqlite";
import { migrate } from "drizzle-orm/durable-sqlite/migrator";
import type { Handshake } from "../objects/sessions.ts";
import migrations from "./migrations/migrations.js";
import * as schema from "./schema.ts";
import { hub, sleepers, tickets } from "./schema.ts";

/** Who a ticket lets in, and until when their token lasts. */
export type TicketHolder = Pick<Handshake, "caller" | "expires_at">;

export class HubStore {
  readonly #db: DrizzleSqliteDODatabase<typeof schema>;

  constructor(storage: DurableObjectStorage) {
    this.#db = drizzle(storage, { schema });
  }

  async migrate(): Promise<void> {
    await migrate(this.#db, migrations);
  }

  row() {
    return this.#db.select().from(hub).get();
  }

  /** The hub goes from no socket to one: its generation rises. @returns the new one. */
  woke(user_id: string): number {
    const generation = (this.row()?.generation ?? 0) + 1;
    const row = { user_id, generation, chosen: "online", announced: "online", closed_at: null } as const;
    this.#db.insert(hub).values(row).onConflictDoUpdate({ target: hub.user_id, set: row }).run();
    return generation;
  }

  /** Notes when the last socket closed; null once that has been announced. */
  setClosedAt(closed_at: number | null): void {
    this.#db.update(hub).set({ closed_at }).run();
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
