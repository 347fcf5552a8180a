/** Blocks of one user (rule 29): the one way in for the hub. */
import { encodeEvent, MAX_BLOCKS, timestamp } from "@rocket-chat-api/protocol";
import type { BlockRequestName, BlockRequests, StoredBlock } from "../../domain/block-requests.ts";
import { found, type Outcome, refused } from "../../domain/outcome.ts";
import type { EpochMs } from "../../domain/time.ts";
import { settledWithin } from "../../realtime/settled-within.ts";
import type { BlockRow, BlockStore } from "./block-store.ts";
import type { BlockUpdates } from "./block-updates.ts";

/** A request waits this long for all copies, in milliseconds. The alarm does the rest. */
const CHANGE_WAIT_MS = 2_000;

/** What blocks need of their hub. */
export interface UserBlocksHost {
  /** Makes sure that there are tables, and the row of the user. */
  ensureUser(userId: string): Promise<void>;
  /** Sends a frame to all sockets of the user, here and at conversations. */
  notifySelf(frame: string): void;
  waitUntil(work: Promise<unknown>): void;
}

type Handler<Name extends BlockRequestName> = (
  userId: string,
  input: BlockRequests[Name]["input"],
) => Promise<Outcome<BlockRequests[Name]["result"]>>;

export class UserBlocks {
  readonly #store: BlockStore;
  readonly #updates: BlockUpdates;
  readonly #host: UserBlocksHost;

  constructor(store: BlockStore, updates: BlockUpdates, host: UserBlocksHost) {
    this.#store = store;
    this.#updates = updates;
    this.#host = host;
  }

  /** Whether the hub's user has blocked another. */
  isBlocked(userId: string): boolean {
    return this.#store.isBlocked(userId);
  }

  /** Answers a request of a route. */
  async ask<Name extends BlockRequestName>(
    userId: string,
    name: Name,
    input: BlockRequests[Name]["input"],
  ): Promise<Outcome<BlockRequests[Name]["result"]>> {
    const handler = this.#handlers[name] as Handler<Name>;
    return await handler(userId, input);
  }

  /** Goes on with changes that have not reached everybody. */
  async alarm(now: EpochMs): Promise<void> {
    await this.#updates.run(now);
  }

  readonly #handlers: { readonly [Name in BlockRequestName]: Handler<Name> } = {
    block: async (ownerId, { user_id }) => {
      if (user_id === ownerId) return refused("VALIDATION_ERROR", "You cannot block yourself");
      await this.#host.ensureUser(ownerId);
      if (!this.isBlocked(user_id)) {
        if (this.#store.current().length >= MAX_BLOCKS) {
          const message = `You can block at most ${MAX_BLOCKS} users`;
          return refused("LIMIT_REACHED", message, { limit: MAX_BLOCKS });
        }
        this.#change(ownerId, user_id, true);
      }
      const row = this.#store.row(user_id);
      await this.#settle(user_id);
      return found(toStored(row as BlockRow));
    },
    unblock: async (ownerId, { user_id }) => {
      if (!this.isBlocked(user_id)) return found(null);
      this.#change(ownerId, user_id, false);
      await this.#settle(user_id);
      return found(null);
    },
    list: async (_, { cursor = Number.POSITIVE_INFINITY, limit }) => {
      const rows = this.#store.current().filter((row) => row.version < cursor);
      const page = rows.slice(0, limit);
      const next_cursor = rows.length > limit ? (page.at(-1)?.version ?? null) : null;
      return found({ blocks: page.map(toStored), next_cursor });
    },
  };

  /** Writes a change, and tells the user's own devices in the same turn. */
  #change(ownerId: string, user_id: string, is_blocked: boolean): void {
    const now = Date.now();
    const { changed_at } = this.#store.change(ownerId, user_id, is_blocked, now);
    const data = { user_id, is_blocked, blocked_at: is_blocked ? timestamp(changed_at) : null };
    this.#host.notifySelf(encodeEvent({ type: "blocks.updated", data }));
  }

  /** Resolves when all copies have the last change, or after a moment. A change that waits for its alarm is tried at once. */
  async #settle(userId: string): Promise<void> {
    const work = this.#updates.runOf(userId, Date.now());
    this.#host.waitUntil(work);
    await settledWithin(work, CHANGE_WAIT_MS);
  }
}

function toStored({ user_id, changed_at }: BlockRow): StoredBlock {
  return { user_id, blocked_at: changed_at };
}
