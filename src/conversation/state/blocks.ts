/**
 * Who has blocked whom among the current and former members (rule 29): what the blockers' hubs have said, versioned.
 *
 * In a group a block hides what the blocked person says and does from the blocker. In a direct conversation it hides
 * nothing, but neither of the two can bring anything new. Most conversations have no blocks: then every question is the
 * look at an empty map.
 */
import type { ConversationType } from "@rocket-chat-api/protocol";
import { and, eq } from "drizzle-orm";
import type { DrizzleSqliteDODatabase } from "drizzle-orm/durable-sqlite";
import { type BlockWord, weigh } from "../../domain/blocks.ts";
import type * as schema from "./schema.ts";
import { blocks } from "./schema.ts";

type People = ReadonlySet<string>;

const NOBODY: People = new Set();

export class Blocks {
  readonly #db: DrizzleSqliteDODatabase<typeof schema>;
  readonly #isGroup: boolean;
  /** Whom each blocker has blocked, and the same by the blocked. */
  readonly #byBlocker = new Map<string, Set<string>>();
  readonly #byBlocked = new Map<string, Set<string>>();

  constructor(db: DrizzleSqliteDODatabase<typeof schema>, type: ConversationType) {
    this.#db = db;
    this.#isGroup = type === "group";
    for (const { blocker_id, blocked_id } of this.#read()) {
      add(this.#byBlocker, blocker_id, blocked_id);
      add(this.#byBlocked, blocked_id, blocker_id);
    }
  }

  /** Whether nothing is hidden from anybody by a block. */
  get hidesNothing(): boolean {
    return !this.#isGroup || this.#byBlocker.size === 0;
  }

  /** Those whose messages and reactions a member does not see. */
  unseenBy(viewerId: string): People {
    return this.#isGroup ? (this.#byBlocker.get(viewerId) ?? NOBODY) : NOBODY;
  }

  /** Those who do not see a member's messages and reactions. Some may have left. */
  unseeing(authorId: string): People {
    if (this.hidesNothing) return NOBODY;
    return this.#byBlocked.get(authorId) ?? NOBODY;
  }

  /**
   * Others without those from whom a member is apart: one of the two has blocked the other. The same set if there are none.
   */
  withoutApart(userId: string, others: People): People {
    const blocked = this.#byBlocker.get(userId) ?? NOBODY;
    const blockers = this.#byBlocked.get(userId) ?? NOBODY;
    if (blocked.size + blockers.size === 0) return others;
    return new Set([...others].filter((other) => !blocked.has(other) && !blockers.has(other)));
  }

  /** Whether this is a direct conversation in which one has blocked the other. */
  get isClosed(): boolean {
    return !this.#isGroup && this.#byBlocker.size > 0;
  }

  /** Keeps a word. @returns whether it changes anything; an older word does not. */
  put(word: BlockWord): boolean {
    const { blocker_id, blocked_id, version, is_blocked } = word;
    const where = and(eq(blocks.blocker_id, blocker_id), eq(blocks.blocked_id, blocked_id));
    const outcome = weigh(this.#db.select().from(blocks).where(where).get(), word);
    if (outcome === "stale") return false;
    this.#db
      .insert(blocks)
      .values({ blocker_id, blocked_id, version, is_blocked })
      .onConflictDoUpdate({ target: [blocks.blocker_id, blocks.blocked_id], set: { version, is_blocked } })
      .run();
    if (outcome === "kept") return false;
    const change = is_blocked ? add : remove;
    change(this.#byBlocker, blocker_id, blocked_id);
    change(this.#byBlocked, blocked_id, blocker_id);
    return true;
  }

  /** All blocks that hold, with their versions. */
  words(): BlockWord[] {
    return this.#db.select().from(blocks).where(eq(blocks.is_blocked, true)).all();
  }

  #read() {
    const { blocker_id, blocked_id } = blocks;
    return this.#db.select({ blocker_id, blocked_id }).from(blocks).where(eq(blocks.is_blocked, true)).all();
  }
}

function add(map: Map<string, Set<string>>, key: string, value: string): void {
  const values = map.get(key);
  if (values) values.add(value);
  else map.set(key, new Set([value]));
}

function remove(map: Map<string, Set<string>>, key: string, value: string): void {
  const values = map.get(key);
  values?.delete(value);
  if (values?.size === 0) map.delete(key);
}
