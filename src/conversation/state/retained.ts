/** How far a conversation's retention has come (rule 10). One small value: nothing is written for each message that is kept. */

import { MAX_EVENT_MESSAGES, MAX_SEQ } from "@rocket-chat-api/protocol";
import type { OldMessage } from "../../domain/retention.ts";
import type { EpochMs } from "../../domain/time.ts";

/** Messages looked at in one turn: those that were deleted before cost a look as well. */
export const LOOKED_AT = 2 * MAX_EVENT_MESSAGES;

/** The key of the value. */
const KEY = "retention";

/** What has been looked at. */
export interface Retained {
  /** Of everything up to this place only {@link kept} is left. */
  upTo: number;
  /** Messages below that stay for a reason: they are pinned, or reported. */
  kept: number[];
  /** When those are looked at again. */
  lookAgainAt: EpochMs | null;
}

const NOTHING: Retained = { upTo: 0, kept: [], lookAgainAt: null };

export class Retention {
  readonly #storage: Pick<DurableObjectStorage, "kv" | "sql">;
  #known: Retained | undefined;

  constructor(storage: Pick<DurableObjectStorage, "kv" | "sql">) {
    this.#storage = storage;
  }

  get retained(): Retained {
    this.#known ??= this.#storage.kv.get<Retained>(KEY) ?? NOTHING;
    return this.#known;
  }

  put(retained: Retained): void {
    this.#storage.kv.put(KEY, retained);
    this.#known = retained;
  }

  /** Drops the copy in memory: its rows may have been taken back. */
  forget(): void {
    this.#known = undefined;
  }

  /** The time of the oldest message that has not been looked at; undefined if there is none. */
  oldest(): EpochMs | undefined {
    const query = "SELECT created_at FROM messages WHERE seq > ? ORDER BY seq LIMIT 1";
    const [row] = this.#storage.sql.exec<{ created_at: number }>(query, this.retained.upTo).toArray();
    return row?.created_at;
  }

  /**
   * The next messages to look at, oldest first, from before a time. Times never go back, so the first later one is the end: the query
   * stops there by itself. A loop that breaks would leave its cursor open, and no table can be dropped then.
   */
  next(before: EpochMs): OldMessage[] {
    const query = `SELECT seq, deleted_at FROM messages WHERE seq > ?1 AND seq < coalesce((
        SELECT seq FROM (SELECT seq, created_at FROM messages WHERE seq > ?1 ORDER BY seq LIMIT ?2)
        WHERE created_at >= ?3 LIMIT 1
      ), ?4) ORDER BY seq LIMIT ?2`;
    const rows = this.#storage.sql
      .exec<{ seq: number; deleted_at: number | null }>(
        query,
        this.retained.upTo,
        LOOKED_AT,
        before,
        MAX_SEQ + 1,
      )
      .toArray();
    return rows.map(({ seq, deleted_at }) => ({ seq, isDeleted: deleted_at !== null }));
  }
}
