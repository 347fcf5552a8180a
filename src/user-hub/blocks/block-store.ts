/** The hub's rows about blocks. Users who never blocked anybody have none of them. */
import { eq } from "drizzle-orm";
import type { EpochMs } from "../../domain/time.ts";
import { blocks } from "../schema.ts";
import type { HubStore } from "../store.ts";
import { newBlockRollout } from "./block-rollout.ts";

export type BlockRow = typeof blocks.$inferSelect;

type Hub = Pick<HubStore, "db" | "exists" | "rowOf" | "update">;

export class BlockStore {
  readonly #hub: Hub;
  /** Copies of the rows: a thousand at most, and those that have just ended. This object is their only writer. */
  #rows: Map<string, BlockRow> | undefined;

  constructor(hub: Hub) {
    this.#hub = hub;
  }

  #known(): Map<string, BlockRow> {
    if (!this.#rows) {
      const rows = this.#hub.exists() ? this.#hub.db.select().from(blocks).all() : [];
      this.#rows = new Map(rows.map((row) => [row.user_id, row]));
    }
    return this.#rows;
  }

  row(userId: string): BlockRow | undefined {
    return this.#known().get(userId);
  }

  /** Whether the hub's user has blocked another. */
  isBlocked(userId: string): boolean {
    return this.row(userId)?.is_blocked ?? false;
  }

  /** The blocks of now, newest first. */
  current(): BlockRow[] {
    const rows = [...this.#known().values()].filter((row) => row.is_blocked);
    return rows.sort((one, other) => other.version - one.version);
  }

  /** What has not reached everybody yet, oldest change first. */
  unfinished(): BlockRow[] {
    const rows = [...this.#known().values()].filter((row) => row.rollout !== null);
    return rows.sort((one, other) => one.version - other.version);
  }

  /** Writes a change. Its rollout begins. */
  change(ownerId: string, user_id: string, is_blocked: boolean, now: EpochMs): BlockRow {
    const version = this.#hub.rowOf(ownerId).block_version + 1;
    this.#hub.update({ block_version: version });
    const row = { user_id, version, is_blocked, changed_at: now, rollout: newBlockRollout(now) };
    this.put(row);
    return row;
  }

  put(row: BlockRow): void {
    const { user_id: _, ...set } = row;
    this.#hub.db.insert(blocks).values(row).onConflictDoUpdate({ target: blocks.user_id, set }).run();
    this.#known().set(row.user_id, row);
  }

  remove(userId: string): void {
    this.#hub.db.delete(blocks).where(eq(blocks.user_id, userId)).run();
    this.#known().delete(userId);
  }
}
