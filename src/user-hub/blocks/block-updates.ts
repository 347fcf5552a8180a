/** Brings changes of blocks to the directory and to conversations, until all have them (block-rollout.ts). */
import type { BlockWord } from "../../domain/blocks.ts";
import { backoff, earliest } from "../../domain/deadlines.ts";
import type { EpochMs } from "../../domain/time.ts";
import { errorFields, log } from "../../log.ts";
import { concurrently } from "../../realtime/concurrently.ts";
import { settledWithin } from "../../realtime/settled-within.ts";
import { type BlockRollout, type BlockStep, nextBlockStep } from "./block-rollout.ts";
import type { BlockRow, BlockStore } from "./block-store.ts";

/** Conversations that are called at a time. */
const CONCURRENCY = 16;
/** Changes that are worked on at a time. */
const CHANGES = 4;
/** The directory may take this long, in milliseconds, before conversations that are known here are called without it. */
const DIRECTORY_WAIT_MS = 500;

/** What the updates need of their hub. */
export interface BlockUpdatesHost {
  /** Whose blocks these are. */
  userId(): string;
  /** Writes the directory's copy. */
  list(word: BlockWord): Promise<void>;
  /** Removes the directory's copy of a block that has ended. */
  unlist(word: BlockWord): Promise<void>;
  /** The conversations that both share or shared, and the directory's revision. */
  shared(userId: string): Promise<{ ids: string[]; rev: number }>;
  /** Those of them that have changed since a revision. */
  sharedSince(userId: string, rev: number): Promise<string[]>;
  /** The conversations that this hub knows by itself. */
  known(): string[];
  setBlocks(conversationId: string, words: BlockWord[]): Promise<void>;
  /** The copies that could be reached have the change. Called at least once. It must not reject. */
  reached(userId: string, isBlocked: boolean): Promise<void>;
  ringBy(time: EpochMs | undefined): void;
}

export class BlockUpdates {
  readonly #store: BlockStore;
  readonly #host: BlockUpdatesHost;
  /** The work on each user's change, while it runs. */
  readonly #running = new Map<string, Promise<void>>();

  constructor(store: BlockStore, host: BlockUpdatesHost) {
    this.#store = store;
    this.#host = host;
  }

  /** Runs the steps that are due of all changes. Never rejects: what fails is tried again by the alarm. */
  async run(now: EpochMs): Promise<void> {
    const due = this.#store.unfinished().filter((row) => dueAt(row) <= now);
    await concurrently(due, CHANGES, ({ user_id }) => this.runOf(user_id, now));
    this.#ring();
  }

  /** Runs the steps that are due of one change. Never rejects. */
  async runOf(userId: string, now: EpochMs): Promise<void> {
    if (!this.#store.row(userId)?.rollout) return;
    // Before the first wait: if this object dies, the alarm goes on.
    this.#host.ringBy(now + backoff(1));
    const running =
      this.#running.get(userId) ??
      this.#runSteps(userId, now).finally(() => {
        this.#running.delete(userId);
      });
    this.#running.set(userId, running);
    await running;
    this.#ring();
  }

  #ring(): void {
    this.#host.ringBy(earliest(...this.#store.unfinished().map(dueAt)));
  }

  /** A change that comes while steps run is picked up too: the row is read again after each step. */
  async #runSteps(userId: string, now: EpochMs): Promise<void> {
    for (let row = this.#store.row(userId); row?.rollout; row = this.#store.row(userId)) {
      const { step, at } = nextBlockStep(row.rollout);
      if (at > Math.max(now, row.changed_at)) return;
      await this.#tryStep(step, row, row.rollout);
    }
  }

  async #tryStep(step: BlockStep, row: BlockRow, rollout: BlockRollout): Promise<void> {
    try {
      await this.#runStep(step, row, rollout);
    } catch (error) {
      const failures = rollout.failures + 1;
      log("warn", "block.not_told", { step, failures, ...errorFields(error) });
      this.#save(row, { failures, due_at: Date.now() + backoff(failures) });
    }
  }

  /** Saves what a step has done, unless there was a newer change in between: its rollout starts from the beginning. */
  #save(done: BlockRow, patch: Partial<BlockRollout>): void {
    const current = this.#store.row(done.user_id);
    if (current?.version !== done.version || !current.rollout) return;
    this.#store.put({ ...current, rollout: { ...current.rollout, failures: 0, ...patch } });
  }

  async #runStep(step: BlockStep, row: BlockRow, rollout: BlockRollout): Promise<void> {
    const { user_id } = row;
    switch (step) {
      case "directory":
        await this.#list(row, rollout);
        this.#save(row, { listed_at: Date.now() });
        return;
      case "shared": {
        const { ids, rev } = await this.#host.shared(user_id);
        const missed = await this.#callAll(row, [...new Set([...ids, ...rollout.missed])]);
        await this.#host.reached(user_id, row.is_blocked);
        this.#save(row, { rev, missed });
        return;
      }
      case "missed": {
        const missed = await this.#callAll(row, rollout.missed);
        this.#save(row, { missed });
        if (missed.length > 0) throw new Error("conversations that cannot be reached");
        return;
      }
      case "late": {
        const ids = await this.#host.sharedSince(user_id, rollout.rev ?? 0);
        const missed = await this.#callAll(row, [...new Set([...ids, ...rollout.missed])]);
        this.#save(row, { missed, late: rollout.late + 1 });
        return;
      }
      case "end":
        await this.#end(row);
        return;
      default:
        step satisfies never;
    }
  }

  async #end(row: BlockRow): Promise<void> {
    if (!row.is_blocked) await this.#host.unlist(this.#wordOf(row));
    if (this.#store.row(row.user_id)?.version !== row.version) return;
    if (row.is_blocked) this.#store.put({ ...row, rollout: null });
    else this.#store.remove(row.user_id);
  }

  /** Writes the directory's copy. While it does not answer, the conversations that are known here get the change first. */
  async #list(row: BlockRow, rollout: BlockRollout): Promise<void> {
    const listing = this.#host.list(this.#wordOf(row)).then(
      () => "listed" as const,
      (error: unknown) => ({ error }),
    );
    let result: Awaited<typeof listing> | undefined;
    const noted = listing.then((known) => {
      result = known;
    });
    await settledWithin(noted, DIRECTORY_WAIT_MS);
    if (result !== "listed") await this.#callKnown(row, rollout);
    const listed = await listing;
    if (listed !== "listed") throw listed.error;
  }

  async #callKnown(row: BlockRow, rollout: BlockRollout): Promise<void> {
    const ids = rollout.is_known_done ? rollout.missed : this.#host.known();
    const missed = await this.#callAll(row, ids);
    this.#save(row, { failures: rollout.failures, is_known_done: true, missed });
  }

  /** Gives conversations the change, some at a time. @returns those that cannot be reached. */
  async #callAll(row: BlockRow, ids: readonly string[]): Promise<string[]> {
    const missed: string[] = [];
    await concurrently(ids, CONCURRENCY, async (id) => {
      try {
        await this.#host.setBlocks(id, [this.#wordOf(row)]);
      } catch (error) {
        log("warn", "block.not_told", { conversation_id: id, ...errorFields(error) });
        missed.push(id);
      }
    });
    return missed;
  }

  #wordOf({ user_id, is_blocked, version }: BlockRow): BlockWord {
    return { blocker_id: this.#host.userId(), blocked_id: user_id, is_blocked, version };
  }
}

function dueAt({ rollout }: BlockRow): EpochMs {
  return rollout ? nextBlockStep(rollout).at : Number.POSITIVE_INFINITY;
}
