/** A hub's rows. */
import { and, eq, gt, lte, sql } from "drizzle-orm";
import { type DrizzleSqliteDODatabase, drizzle } from "drizzle-orm/durable-sqlite";
import { migrate } from "drizzle-orm/durable-sqlite/migrator";
import type { Spent } from "../domain/quota.ts";
import { type Restriction, UNRESTRICTED } from "../domain/restriction.ts";
import type { EpochMs } from "../domain/time.ts";
import type { TicketHolder } from "../realtime/objects.ts";
import migrations from "./migrations/migrations.js";
import type { ProfileRollout } from "./profile-rollout.ts";
import * as schema from "./schema.ts";
import { directSockets, hub, idleIn, missed, tickets } from "./schema.ts";

type Database = DrizzleSqliteDODatabase<typeof schema>;

export type HubRow = typeof hub.$inferSelect;

/** A socket at a conversation itself. */
export type DirectSocketRow = typeof directSockets.$inferSelect;

/** Keys of what needs no table: the spent budgets, the restriction, and whom that concerns. */
const SPENT = "spent";
const RESTRICTION = "restriction";
const RESTRICTED_USER = "restricted_user";

function prepareSetDirectSocket(db: Database) {
  const value = sql.placeholder;
  return db
    .insert(directSockets)
    .values({
      connection_id: value("connection_id"),
      conversation_id: value("conversation_id"),
      expires_at: value("expires_at"),
      status: value("status"),
      screen: value("screen"),
    })
    .onConflictDoUpdate({
      target: directSockets.connection_id,
      set: {
        expires_at: sql`excluded.expires_at`,
        status: sql`excluded.status`,
        screen: sql`excluded.screen`,
      },
    })
    .prepare();
}

export class HubStore {
  readonly #storage: DurableObjectStorage;
  /** For the rows of push (push/push-store.ts). */
  readonly db: Database;
  #exists = false;
  /** Copies of the rows. This object is their only writer. */
  #row: HubRow | undefined;
  #directSockets: Map<string, DirectSocketRow> | undefined;
  #restriction: Restriction | undefined;
  #prepared: ReturnType<typeof prepareSetDirectSocket> | undefined;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.db = drizzle(storage, { schema });
  }

  /** Whether this user is known here. It writes nothing, so a guessed id costs no storage. */
  exists(): boolean {
    this.#exists ||=
      this.#storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = '__drizzle_migrations'").toArray()
        .length > 0;
    return this.#exists;
  }

  /** Creates the tables of a user who is seen for the first time. */
  async ensureTables(): Promise<void> {
    if (!this.exists()) await this.migrate();
  }

  /** Creates the tables, or brings them up to date. */
  async migrate(): Promise<void> {
    await migrate(this.db, migrations);
  }

  /** The row of this user; undefined before the first use. */
  row(): HubRow | undefined {
    this.#row ??= this.db.select().from(hub).get();
    return this.#row;
  }

  /** The row of this user, created on first use. */
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
      profile_rollout: null,
      mute_ends_at: null,
      block_version: 0,
    } as const;
    this.db.insert(hub).values(fresh).run();
    this.#row = fresh;
    return fresh;
  }

  update(patch: Partial<HubRow>): void {
    this.db.update(hub).set(patch).run();
    if (this.#row) this.#row = { ...this.#row, ...patch };
  }

  /** The user's sockets at conversations themselves, by connection. */
  directSockets(): ReadonlyMap<string, DirectSocketRow> {
    return this.#knownSockets();
  }

  /** Whether the user has a socket at this conversation itself. */
  hasDirectSocketAt(conversationId: string): boolean {
    return [...this.#knownSockets().values()].some((socket) => socket.conversation_id === conversationId);
  }

  #knownSockets(): Map<string, DirectSocketRow> {
    this.#directSockets ??= new Map(
      this.db
        .select()
        .from(directSockets)
        .all()
        .map((row) => [row.connection_id, row]),
    );
    return this.#directSockets;
  }

  /** Adds a direct socket, or replaces what is known of it. */
  setDirectSocket(socket: DirectSocketRow): void {
    const known = this.#knownSockets().get(socket.connection_id);
    if (JSON.stringify(known) === JSON.stringify(socket)) return;
    this.#prepared ??= prepareSetDirectSocket(this.db);
    this.#prepared.run({ ...socket });
    this.#knownSockets().set(socket.connection_id, socket);
  }

  /** Removes a direct socket. @returns what was known of it. */
  removeDirectSocket(connection_id: string): DirectSocketRow | undefined {
    const known = this.#knownSockets().get(connection_id);
    if (!known) return undefined;
    this.db.delete(directSockets).where(eq(directSockets.connection_id, connection_id)).run();
    this.#knownSockets().delete(connection_id);
    return known;
  }

  /** Remembers a conversation that has been answered "idle". */
  addIdleIn(conversation_id: string): void {
    this.db.insert(idleIn).values({ conversation_id }).onConflictDoNothing().run();
  }

  /** The conversations that skip this user. */
  idleIn(): string[] {
    const rows = this.db.select().from(idleIn).all();
    return rows.map((row) => row.conversation_id);
  }

  /** Takes conversations off that list, with one statement for any number. */
  removeIdleIn(conversation_ids: readonly string[]): void {
    const woken = sql`(SELECT value FROM json_each(${JSON.stringify(conversation_ids)}))`;
    this.db.delete(idleIn).where(sql`${idleIn.conversation_id} IN ${woken}`).run();
  }

  /** The rollout of a changed profile, while not every conversation has it. */
  rollout(): ProfileRollout | null {
    return this.row()?.profile_rollout ?? null;
  }

  /** Starts the rollout of a newer profile. It goes to every conversation, so what older ones missed does not matter. */
  startRollout(rollout: ProfileRollout): void {
    this.db.delete(missed).run();
    this.update({ profile_version: rollout.profile.profile_version, profile_rollout: rollout });
  }

  setRollout(profile_rollout: ProfileRollout | null): void {
    this.update({ profile_rollout });
  }

  /** Conversations that the rollout could not reach. */
  missed(limit: number): string[] {
    const rows = this.db.select().from(missed).limit(limit).all();
    return rows.map((row) => row.conversation_id);
  }

  addMissed(conversation_id: string): void {
    this.db.insert(missed).values({ conversation_id }).onConflictDoNothing().run();
  }

  removeMissed(conversation_id: string): void {
    this.db.delete(missed).where(eq(missed.conversation_id, conversation_id)).run();
  }

  /** What the user has spent of their budgets. It needs no table, so a first request creates none. */
  spent(): Spent {
    return this.#storage.kv.get<Spent>(SPENT) ?? {};
  }

  putSpent(spent: Spent): void {
    this.#storage.kv.put(SPENT, spent);
  }

  /** What a server has forbidden the user. It needs no table, as most users never have one. */
  restriction(): Restriction {
    this.#restriction ??= this.#storage.kv.get<Restriction>(RESTRICTION) ?? UNRESTRICTED;
    return this.#restriction;
  }

  /** @param user_id whose hub this is: there may be no other row that says so. */
  putRestriction(user_id: string, restriction: Restriction): void {
    this.#storage.kv.put(RESTRICTION, restriction);
    this.#storage.kv.put(RESTRICTED_USER, user_id);
    this.#restriction = restriction;
  }

  /** Whose hub this is; undefined if nothing here says so. */
  userId(): string | undefined {
    const row = this.exists() ? this.row() : undefined;
    return row?.user_id ?? this.#storage.kv.get<string>(RESTRICTED_USER);
  }

  addTicket(ticket: string, holder: TicketHolder, expires_at: EpochMs): void {
    this.db
      .insert(tickets)
      .values({ ticket, identity: JSON.stringify(holder), expires_at })
      .run();
  }

  /** Removes expired tickets. */
  sweepTickets(now: EpochMs): void {
    this.db.delete(tickets).where(lte(tickets.expires_at, now)).run();
  }

  /** Uses a ticket up; undefined if it is unknown, used or expired. */
  takeTicket(ticket: string, now: EpochMs): TicketHolder | undefined {
    this.sweepTickets(now);
    const row = this.db
      .delete(tickets)
      .where(and(eq(tickets.ticket, ticket), gt(tickets.expires_at, now)))
      .returning()
      .get();
    return row && (JSON.parse(row.identity) as TicketHolder);
  }
}
