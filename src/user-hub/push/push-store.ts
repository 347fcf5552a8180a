/** The hub's rows about push. Users without devices have none of them. */
import { PUSH_LOG_LENGTH, type PushLogEntry } from "@rocket-chat-api/protocol";
import { asc, eq, getTableColumns, sql } from "drizzle-orm";
import type { NumberedWord } from "../../domain/push-note.ts";
import { isShutOut } from "../../domain/restriction.ts";
import type { EpochMs } from "../../domain/time.ts";
import { push, pushConversations, pushDevices } from "../schema.ts";
import { BadgeSum } from "./badge-sum.ts";
import { ItemRows } from "./item-rows.ts";
import { TokenRows } from "./token-rows.ts";

export type PushState = Omit<typeof push.$inferSelect, "id">;
export type DeviceRow = typeof pushDevices.$inferSelect;
export type ConversationRow = typeof pushConversations.$inferSelect;
export type { ItemRow } from "./item-rows.ts";

/** The one row of the state. */
const ID = 1;

export class PushStore extends ItemRows {
  readonly tokens = new TokenRows(this.hub);
  /** Copies of rows. This object is their only writer. Null: there is none. */
  #state: PushState | null | undefined;
  #devices: Map<string, DeviceRow> | undefined;
  #badge: BadgeSum | undefined;

  get #db() {
    return this.hub.db;
  }

  /** The user's state; undefined if they never had a device or a preference. */
  state(): PushState | undefined {
    if (this.#state === undefined) {
      const row = this.hub.exists() ? this.#db.select().from(push).get() : undefined;
      const { id: _, ...state } = row ?? { id: ID };
      this.#state = row ? (state as PushState) : null;
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
    if (!this.state() || isShutOut(this.hub.restriction(), Date.now())) return false;
    for (const { is_active } of this.#knownDevices().values()) if (is_active) return true;
    return false;
  }

  /** When a ban ended by itself, if one has. */
  endedBan(now: EpochMs): EpochMs | undefined {
    const until = this.hub.restriction().ban?.until ?? undefined;
    return until !== undefined && until <= now ? until : undefined;
  }

  #knownDevices(): Map<string, DeviceRow> {
    if (!this.#devices) {
      const rows = this.hub.exists()
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
    this.#db.delete(pushDevices).where(eq(pushDevices.device_id, device_id)).run();
    this.removeItems(device_id);
  }

  conversation(conversation_id: string): ConversationRow | undefined {
    return this.#db
      .select()
      .from(pushConversations)
      .where(eq(pushConversations.conversation_id, conversation_id))
      .get();
  }

  putConversation(row: ConversationRow): void {
    const { conversation_id, ...set } = row;
    const before = this.#badge && this.conversation(conversation_id);
    this.#db
      .insert(pushConversations)
      .values(row)
      .onConflictDoUpdate({ target: pushConversations.conversation_id, set })
      .run();
    this.#badge?.replace(before, row);
  }

  /** Removes a conversation that the user has left. What is shown of it stays until it was taken away. */
  removeConversation(conversation_id: string): void {
    const before = this.#badge && this.conversation(conversation_id);
    this.#db.delete(pushConversations).where(eq(pushConversations.conversation_id, conversation_id)).run();
    this.#badge?.replace(before, undefined);
  }

  /** All conversations. */
  conversations(): ConversationRow[] {
    return this.#db.select().from(pushConversations).all();
  }

  /** Whether any conversation has a level of its own that pushes. */
  get isLevelSomewhere(): boolean {
    const pushes = sql`push_level IS NOT NULL AND push_level <> 'none'`;
    return this.#db.select().from(pushConversations).where(pushes).limit(1).get() !== undefined;
  }

  /** Conversations that do not know their word yet, limited. @param after the `rowid` of the last one before. */
  untold(limit: number, after: number): (ConversationRow & { rowid: number })[] {
    return this.#db
      .select({ ...getTableColumns(pushConversations), rowid: sql<number>`rowid`.as("place") })
      .from(pushConversations)
      .where(sql`is_told = 0 AND rowid > ${after}`)
      .orderBy(sql`rowid`)
      .limit(limit)
      .all();
  }

  /** Conversations that do not tell of everything, limited. */
  stale(limit: number): string[] {
    const rows = this.#db
      .select({ id: pushConversations.conversation_id })
      .from(pushConversations)
      .where(sql`is_stale = 1`)
      .limit(limit)
      .all();
    return rows.map(({ id }) => id);
  }

  /** Conversations whose mute has ended by itself, limited: those that ended first. */
  endedMutes(now: EpochMs, limit: number): ConversationRow[] {
    return this.#db
      .select()
      .from(pushConversations)
      .where(sql`muted_until IS NOT NULL AND muted_until <= ${now}`)
      .orderBy(asc(pushConversations.muted_until))
      .limit(limit)
      .all();
  }

  /** When the next mute ends after a time, or undefined. */
  nextMuteEnd(now: EpochMs): EpochMs | undefined {
    const row = this.#db
      .select({ at: pushConversations.muted_until })
      .from(pushConversations)
      .where(sql`muted_until IS NOT NULL AND muted_until > ${now}`)
      .orderBy(asc(pushConversations.muted_until))
      .limit(1)
      .get();
    return row?.at ?? undefined;
  }

  /**
   * The number on the app's icon: unread messages in conversations that are accepted and not muted (rule 30). All conversations are read for
   * it once in the life of this object, and when a mute has ended.
   */
  badge(now: EpochMs): number {
    return this.#badge?.at(now) ?? this.#countBadge(now);
  }

  #countBadge(now: EpochMs): number {
    const row = this.#db
      .select({ n: sql<number | null>`sum(unread_count)` })
      .from(pushConversations)
      .where(sql`NOT is_request AND NOT (is_muted AND coalesce(muted_until > ${now}, 1))`)
      .get();
    const sum = row?.n ?? 0;
    this.#badge = new BadgeSum(sum, now, this.nextMuteEnd(now));
    return sum;
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
