/** The hub's rows of what devices show and are to be sent. What is to be sent is known in memory, too. */
import { and, eq, sql } from "drizzle-orm";
import type { EpochMs } from "../../domain/time.ts";
import { pushItems } from "../schema.ts";
import type { HubStore } from "../store.ts";

export type ItemRow = typeof pushItems.$inferSelect;

/** A push that is to be sent, and when; null if it goes with the next one that shows something. */
export type PendingItem = Pick<ItemRow, "device_id" | "conversation_id" | "due_at">;

/** A name for one device's item of a conversation. */
export function itemKey({ device_id, conversation_id }: Omit<PendingItem, "due_at">): string {
  return `${device_id} ${conversation_id}`;
}

function whereIs(device_id: string, conversation_id: string) {
  return and(eq(pushItems.device_id, device_id), eq(pushItems.conversation_id, conversation_id));
}

export class ItemRows {
  protected readonly hub: Pick<HubStore, "db" | "exists" | "restriction">;
  #pending: Map<string, PendingItem> | undefined;

  constructor(hub: Pick<HubStore, "db" | "exists" | "restriction">) {
    this.hub = hub;
  }

  /** What a device shows and is to be sent. */
  itemsOf(device_id: string): ItemRow[] {
    return this.hub.db.select().from(pushItems).where(eq(pushItems.device_id, device_id)).all();
  }

  item(device_id: string, conversation_id: string): ItemRow | undefined {
    return this.hub.db.select().from(pushItems).where(whereIs(device_id, conversation_id)).get();
  }

  /** Writes what a device shows and is to be sent. A row that says nothing is deleted. */
  putItem(row: ItemRow): void {
    const pending = this.#knownPending();
    this.#write(row);
    const { device_id, conversation_id, due_at } = row;
    if (row.pending === null) pending.delete(itemKey(row));
    else pending.set(itemKey(row), { device_id, conversation_id, due_at });
  }

  #write(row: ItemRow): void {
    const { device_id, conversation_id, ...set } = row;
    if (row.pending === null && row.shown_seq === 0) {
      this.hub.db.delete(pushItems).where(whereIs(device_id, conversation_id)).run();
      return;
    }
    this.hub.db
      .insert(pushItems)
      .values(row)
      .onConflictDoUpdate({ target: [pushItems.device_id, pushItems.conversation_id], set })
      .run();
  }

  /** Removes what a device shows and is to be sent. */
  removeItems(device_id: string): void {
    this.hub.db.delete(pushItems).where(eq(pushItems.device_id, device_id)).run();
    for (const item of this.pendingOf(device_id)) this.#knownPending().delete(itemKey(item));
  }

  /** What a device is to be sent. */
  pendingOf(device_id: string): PendingItem[] {
    return [...this.#knownPending().values()].filter((item) => item.device_id === device_id);
  }

  /** What is to be sent at a time, with its time: the longest due first. */
  pending(): (PendingItem & { due_at: EpochMs })[] {
    const timed = [...this.#knownPending().values()].flatMap(({ due_at, ...item }) =>
      due_at === null ? [] : [{ ...item, due_at }],
    );
    return timed.sort((one, other) => one.due_at - other.due_at);
  }

  /** Read once in the life of this object, by an index. */
  #knownPending(): Map<string, PendingItem> {
    if (!this.#pending) {
      const { device_id, conversation_id, due_at } = pushItems;
      const rows = this.hub.exists()
        ? this.hub.db
            .select({ device_id, conversation_id, due_at })
            .from(pushItems)
            .where(sql`pending IS NOT NULL`)
            .all()
        : [];
      this.#pending = new Map(rows.map((row) => [itemKey(row), row]));
    }
    return this.#pending;
  }
}
