/** The storage of an object is written anew whatever was read of it before (rule 28). */
import { runInDurableObject } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import { Conversation } from "../../src/conversation/conversation.ts";
import { LOOKED_AT, Retention } from "../../src/conversation/state/retained.ts";
import { GroupSentCounts } from "../../src/conversation/state/sent-counts.ts";
import { Store } from "../../src/conversation/state/store.ts";
import { rewriteStorage } from "../../src/realtime/rewrite-storage.ts";
import { erase, finished } from "./erase-kit.ts";
import { conversationObject, group, people, say } from "./kit.ts";
import { openCursors } from "./open-cursors.ts";
import { serverToken } from "./server-kit.ts";
import { usageOf } from "./usage.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const MORE = `WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?)
  INSERT INTO messages (seq, sender_id, type, content, created_at, client_message_id, no, sender_no, changed_seq)
  SELECT 1000 + n, 'somebody', 'text', hex(zeroblob(200)), 5000, hex(randomblob(16)), 100 + n, 100 + n, 1000 + n FROM n`;

/** A group with a few messages and many more, whose storage is at hand. */
async function inGroup(
  run: (storage: DurableObjectStorage, id: string) => Promise<void>,
  more = 2_000,
): Promise<void> {
  const [ada, bob] = await people("ada", "bob");
  const id = await group(ada, [bob]);
  for (let i = 0; i < 3; i++) await say(ada, id, `message ${i}`);
  const object = conversationObject(id) as unknown as DurableObjectStub;
  await runInDurableObject(object, async (_, { storage }) => {
    storage.sql.exec(MORE, more);
    await run(storage, id);
  });
}

it("[R10 R28 ERASE-21] retention stops at the first young message, and leaves nothing open that a rewrite would wait for", async () => {
  await inGroup(async (storage, id) => {
    const { oldest } = storage.sql.exec("SELECT min(seq) AS oldest FROM messages").one();
    storage.sql.exec("UPDATE messages SET created_at = 1000 WHERE seq < 1000 AND seq > ?", Number(oldest));
    storage.sql.exec("UPDATE messages SET created_at = 500, deleted_at = 600 WHERE seq = ?", Number(oldest));
    const retention = new Retention(storage);
    const usage = await usageOf(id, async () => {
      const old = retention.next(2000);
      expect(old[0]).toEqual({ seq: oldest, isDeleted: true });
      expect(old.slice(1)).toEqual(
        Array.from({ length: 3 }, () => ({ seq: expect.any(Number), isDeleted: false })),
      );
    });
    // Each twice, with the row of the conversation's own that says how far it has come, and the first young one.
    expect(usage.object_rows_read).toBeLessThan(12);
    expect(retention.next(0)).toEqual([]);
    expect(retention.next(10_000)).toHaveLength(LOOKED_AT);
    expect(await rewriteStorage(storage)).toBe(true);
  });
});

it("[R28 ERASE-22] a count of senders that fails in the middle leaves nothing open either", async () => {
  await inGroup(async (storage) => {
    const store = new Store(storage);
    storage.sql.exec("DELETE FROM tallies");
    vi.spyOn(store.tallies, "put").mockImplementation(() => {
      throw new Error("full");
    });
    expect(() => new GroupSentCounts(store).now("somebody")).toThrow("full");
    expect(await rewriteStorage(storage)).toBe(true);
  });
});

it("[R28 ERASE-28] a table of many megabytes is written anew: the platform takes no value above 2 MB", async () => {
  await inGroup(async (storage, id) => {
    expect(storage.sql.databaseSize).toBeGreaterThan(9_000_000);
    const usage = await usageOf(id, async () => expect(await rewriteStorage(storage)).toBe(true));
    // Each message, its entry in an index, and the zeros.
    expect(usage.object_rows_written).toBeLessThan(2.2 * 16_000);
    const { n } = storage.sql.exec("SELECT count(*) AS n FROM messages").one();
    expect(n).toBeGreaterThan(16_000);
  }, 16_000);
});

it("[R28 ERASE-29] an erasure writes the storage of a conversation anew once, the second time that it comes, and notes before how large it was", async () => {
  const backend = await serverToken("export");
  const [ada, bob] = await people("ada", "bob");
  const id = await group(ada, [bob]);
  await say(ada, id, "hello");
  const settled: unknown[] = [];
  const noted: boolean[] = [];
  const real = Conversation.prototype.executeForServer;
  vi.spyOn(Conversation.prototype, "executeForServer").mockImplementation(async function (
    this: Conversation,
    name,
    input,
  ) {
    const { sql, kv } = this.ctx.storage;
    const before = sql.databaseSize;
    const outcome = await real.call(this, name, input);
    if (this.ctx.id.name !== id || !outcome.ok) return outcome as never;
    if (name === "eraseSome") noted.push(Number(kv.get("file_bytes")) >= before);
    if (name === "settleErasure") settled.push(outcome.body);
    return outcome as never;
  });
  const { certificate } = await finished(backend, await erase(backend, ada), ada);
  expect(certificate.conversations).toMatchObject([{ conversation_id: id, is_rewritten: true }]);
  // A run that began beside another one may have asked once more.
  expect(settled.at(0)).toEqual({ is_settled: true, is_rewritten: false });
  expect(new Set(noted)).toEqual(new Set([true]));
  expect(settled.at(-1)).toEqual({ is_settled: true, is_rewritten: true });
});

it("[R28 ERASE-23] whatever stays open after its turn is seen, in every test", async () => {
  await inGroup(async ({ sql }) => {
    const [first] = sql.exec("SELECT seq FROM messages");
    expect(first).toBeDefined();
    expect(sql.exec("SELECT seq FROM messages ORDER BY seq").toArray()).not.toEqual([]);
  });
  expect(openCursors.splice(0)).toEqual(["SELECT seq FROM messages"]);
});
