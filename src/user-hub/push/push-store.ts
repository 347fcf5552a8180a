/** The hub's rows about push. Users without devices have none of them. */
import { PUSH_LOG_LENGTH, type PushLogEntry } from "@rocket-chat-api/protocol";
import { and, asc, eq, inArray, isNotNull, lt, lte, sql } from "drizzle-orm";
import type { NumberedWord } from "../../domain/push-note.ts";
import { isShutOut } from "../../domain/restriction.ts";
import type { EpochMs } from "../../domain/time.ts";
import { push, pushConversations, pushDevices, pushItems, releasedTokens } from "../schema.ts";
import type { HubStore } from "../store.ts";

export type PushState = Omit<typeof push.$inferSelect, "id">;
export type DeviceRow = typeof pushDevices.$inferSelect;
export type ConversationRow = typeof pushConversations.$inferSelect;
export type ItemRow = typeof pushItems.$inferSelect;

/** The one row of the state. */
const ID = 1;
/** Milliseconds for which a taken token is remembered: no registration takes so long. */
const RELEASED_MS = 86_400_000;

export class PushStore {
  readonly #hub: Pick<HubStore, "db" | "exists" | "restriction">;
  /** Copies of rows. This object is their only writer. Null: there is none. */
  #state: PushState | null | undefined;
  #devices: Map<string, DeviceRow> | undefined;

  constructor(hub: Pick<HubStore, "db" | "exists" | "restriction">) {
    this.#hub = hub;
  }

  get #db() {
    return this.#hub.db;
  }

  /** The user's state; undefined if they never had a device or a preference. */
  state(): PushState | undefined {
    if (this.#state === undefined) {
      const row = this.#hub.exists() ? this.#db.select().from(push).get() : undefined;
      this.#state = row
        ? { preferences: row.preferences, version: row.version, is_seeded: row.is_seeded }
        : null;
    }
    return this.#state ?? undefined;
  }

  putState(state: PushState): void {
    this.#state = state;
    this.#db
      .insert(push)
      .values({ id: ID, ...state })
      .onConflictDoUpdate({ target: push.id, set: state })
      .run();
  }

  /** The user's devices by id. */
  devices(): ReadonlyMap<string, DeviceRow> {
    return this.#knownDevices();
  }

  /** Whether any device can get a push: not while the user is deactivated or banned. */
  get hasActiveDevice(): boolean {
    if (!this.state() || isShutOut(this.#hub.restriction(), Date.now())) return false;
    for (const { is_active } of this.#knownDevices().values()) if (is_active) return true;
    return false;
  }

  #knownDevices(): Map<string, DeviceRow> {
    if (!this.#devices) {
      const rows = this.#hub.exists()
        ? this.#db.select().from(pushDevices).orderBy(asc(pushDevices.registered_at)).all()
        : [];
      this.#devices = new Map(rows.map((row) => [row.device_id, row]));
    }
    return this.#devices;
  }

  putDevice(row: DeviceRow): void {
    this.#knownDevices().set(row.device_id, row);
    // Without the key: to set it would write its index too.
    const { device_id: _, ...set } = row;
    this.#db.insert(pushDevices).values(row).onConflictDoUpdate({ target: pushDevices.device_id, set }).run();
  }

  /** Removes a device, with all that was to be sent to it. */
  removeDevice(device_id: string): void {
    this.#knownDevices().delete(device_id);
    for (const table of [pushDevices, pushItems]) {
      this.#db.delete(table).where(eq(table.device_id, device_id)).run();
    }
  }

  /** The registration that has taken a token from this user last; 0 if none has. */
  releasedVersion(token_hash: string): number {
    const row = this.#db.select().from(releasedTokens).where(eq(releasedTokens.token_hash, token_hash)).get();
    return row?.version ?? 0;
  }

  /** Notes who has taken a token. Versions are times: older ones belong to registrations that have ended long ago. */
  putReleased(token_hash: string, version: number): void {
    this.#db
      .delete(releasedTokens)
      .where(lt(releasedTokens.version, version - RELEASED_MS))
      .run();
    this.#db
      .insert(releasedTokens)
      .values({ token_hash, version })
      .onConflictDoUpdate({
        target: releasedTokens.token_hash,
        set: { version: sql`max(${releasedTokens.version}, excluded.version)` },
      })
      .run();
  }

  conversation(conversation_id: string): ConversationRow | undefined {
    return this.#db
      .select()
      .from(pushConversations)
      .where(eq(pushConversations.conversation_id, conversation_id))
      .get();
  }

  putConversation(row: ConversationRow): void {
    const { conversation_id: _, ...set } = row;
    this.#db
      .insert(pushConversations)
      .values(row)
      .onConflictDoUpdate({ target: pushConversations.conversation_id, set })
      .run();
  }

  /** Removes a conversation that the user has left. What is shown of it stays until it was taken away. */
  removeConversation(conversation_id: string): void {
    this.#db.delete(pushConversations).where(eq(pushConversations.conversation_id, conversation_id)).run();
  }

  /** All conversations. */
  conversations(): ConversationRow[] {
    return this.#db.select().from(pushConversations).all();
  }

  /** Whether any conversation has a level of its own that pushes. */
  get isLevelSomewhere(): boolean {
    const pushes = inArray(pushConversations.push_level, ["all", "mentions"]);
    return this.#db.select().from(pushConversations).where(pushes).limit(1).get() !== undefined;
  }

  /** Conversations that do not know their word yet, limited. */
  untold(limit: number): ConversationRow[] {
    return this.#db
      .select()
      .from(pushConversations)
      .where(eq(pushConversations.is_told, false))
      .limit(limit)
      .all();
  }

  /** Conversations that do not tell of everything, limited. */
  stale(limit: number): string[] {
    const rows = this.#db
      .select({ id: pushConversations.conversation_id })
      .from(pushConversations)
      .where(eq(pushConversations.is_stale, true))
      .limit(limit)
      .all();
    return rows.map(({ id }) => id);
  }

  /** The number on the app's icon: unread messages in conversations that are accepted and not muted (rule 30). */
  badge(now: EpochMs): number {
    const row = this.#db
      .select({ n: sql<number | null>`sum(unread_count)` })
      .from(pushConversations)
      .where(sql`NOT is_request AND NOT (is_muted AND coalesce(muted_until > ${now}, 1))`)
      .get();
    return row?.n ?? 0;
  }

  /** What a device shows and is to be sent. */
  itemsOf(device_id: string): ItemRow[] {
    return this.#db.select().from(pushItems).where(eq(pushItems.device_id, device_id)).all();
  }

  item(device_id: string, conversation_id: string): ItemRow | undefined {
    const where = and(eq(pushItems.device_id, device_id), eq(pushItems.conversation_id, conversation_id));
    return this.#db.select().from(pushItems).where(where).get();
  }

  /** Writes what a device shows and is to be sent. A row that says nothing is deleted. */
  putItem(row: ItemRow): void {
    const { device_id, conversation_id } = row;
    if (row.pending === null && row.shown_seq === 0) {
      const where = and(eq(pushItems.device_id, device_id), eq(pushItems.conversation_id, conversation_id));
      this.#db.delete(pushItems).where(where).run();
      return;
    }
    const { device_id: _device, conversation_id: _conversation, ...set } = row;
    this.#db
      .insert(pushItems)
      .values(row)
      .onConflictDoUpdate({ target: [pushItems.device_id, pushItems.conversation_id], set })
      .run();
  }

  /** What is to be sent by a time, in the order of the times, limited. */
  dueItems(now: EpochMs, limit: number): ItemRow[] {
    const due = and(isNotNull(pushItems.due_at), lte(pushItems.due_at, now));
    return this.#db.select().from(pushItems).where(due).orderBy(asc(pushItems.due_at)).limit(limit).all();
  }

  /** When the next push is to be sent, or undefined. */
  nextDue(): EpochMs | undefined {
    const row = this.#db
      .select({ at: pushItems.due_at })
      .from(pushItems)
      .where(isNotNull(pushItems.due_at))
      .orderBy(asc(pushItems.due_at))
      .limit(1)
      .get();
    return row?.at ?? undefined;
  }

  /**
   * Adds decisions to the log of a device, if it is still there.
   * @param fresh oldest first.
   * @param patch what else changes in its row.
   */
  addToLog(device_id: string, fresh: readonly PushLogEntry[], patch: Partial<DeviceRow> = {}): void {
    const device = this.devices().get(device_id);
    if (!device || fresh.length === 0) return;
    const log = [...fresh].reverse().concat(device.log).slice(0, PUSH_LOG_LENGTH);
    this.putDevice({ ...device, ...patch, log });
  }

  /** The next number for words, taken. */
  nextVersion(): number {
    const state = this.state();
    if (!state) throw new Error("words without a state");
    this.putState({ ...state, version: state.version + 1 });
    return state.version + 1;
  }

  /** A word as conversations get it. */
  numbered({ word }: Pick<ConversationRow, "word">): NumberedWord {
    return { word, version: this.state()?.version ?? 0 };
  }
}
