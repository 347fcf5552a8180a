/** The storage of an object is written anew whatever was read of it before (rule 28). */
import { runInDurableObject } from "cloudflare:test";
import { expect, it, vi } from "vitest";
import { LOOKED_AT, Retention } from "../../src/conversation/state/retained.ts";
import { GroupSentCounts } from "../../src/conversation/state/sent-counts.ts";
import { Store } from "../../src/conversation/state/store.ts";
import { rewriteStorage } from "../../src/realtime/rewrite-storage.ts";
import { conversationObject, group, people, say } from "./kit.ts";
import { openCursors } from "./open-cursors.ts";
import { usageOf } from "./usage.ts";

const MORE = `WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 2000)
  INSERT INTO messages (seq, sender_id, type, content, created_at, no, sender_no, changed_seq)
  SELECT 1000 + n, 'somebody', 'text', '', 5000, 100 + n, 100 + n, 1000 + n FROM n`;

/** A group with two thousand messages, whose storage is at hand. */
async function inGroup(run: (storage: DurableObjectStorage, id: string) => Promise<void>): Promise<void> {
  const [ada, bob] = await people("ada", "bob");
  const id = await group(ada, [bob]);
  for (let i = 0; i < 3; i++) await say(ada, id, `message ${i}`);
  const object = conversationObject(id) as unknown as DurableObjectStub;
  await runInDurableObject(object, async (_, { storage }) => {
    storage.sql.exec(MORE);
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

it("[R28 ERASE-23] whatever stays open after its turn is seen, in every test", async () => {
  await inGroup(async ({ sql }) => {
    const [first] = sql.exec("SELECT seq FROM messages");
    expect(first).toBeDefined();
    expect(sql.exec("SELECT seq FROM messages ORDER BY seq").toArray()).not.toEqual([]);
  });
  expect(openCursors.splice(0)).toEqual(["SELECT seq FROM messages"]);
});
