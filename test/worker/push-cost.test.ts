/** What push reads for a user with thousands of conversations (docs/cost.md). */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { atTime } from "./checks.ts";
import { api, direct, hubObject, type Person, people, say } from "./kit.ts";
import { phoneOf, pushesTo, screen, shows } from "./push-kit.ts";
import { usageOf } from "./usage.ts";

const CHATS = 5_000;

/** Gives a person's hub thousands of conversations, of which each has shown something on a phone, and one in ten is muted. */
async function withManyChats(owner: Person, deviceId: string): Promise<void> {
  await runInDurableObject(hubObject(owner.user_id) as DurableObjectStub, (_, { storage }) => {
    storage.sql.exec(`WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ${CHATS})
      INSERT INTO push_conversations (conversation_id, is_muted, word, is_told, type, member_count, seq, rev, last_read_seq,
        unread_count, unread_mentions, is_stale, decided_seq)
      SELECT 'many-' || n, n % 10 = 0, 'all', 1, 'direct', 2, 9, 9, 8, 1, 0, 0, 9 FROM n`);
    storage.sql.exec(
      `INSERT INTO push_items (device_id, conversation_id, shown_seq) SELECT ?, conversation_id, 9 FROM push_conversations
        WHERE conversation_id LIKE 'many-%'`,
      deviceId,
    );
  });
  await evictDurableObject(hubObject(owner.user_id));
}

describe("what push costs a user with 5,000 conversations (docs/cost.md)", () => {
  it("[COST-10] an alarm reads what is due: nothing, a mute that ends, a push; the number on the icon is counted once in a life", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const phone = await phoneOf(bob);
    await say(ann, id, "first");
    await shows(phone, "first");
    await withManyChats(bob, phone.device_id);
    const hub = hubObject(bob.user_id);
    const alarm = async () => void (await runDurableObjectAlarm(hub));
    await runInDurableObject(hub as DurableObjectStub, (_, { storage }) =>
      storage.setAlarm(Date.now() + 60_000),
    );
    const idle = await usageOf(bob.user_id, alarm);
    expect(idle.object_rows_read).toBeLessThan(30);
    const muted_until = new Date(Date.now() + 60_000).toISOString();
    await api(bob, "PATCH", `/conversations/${id}/preferences`, { is_muted: true, muted_until });
    await evictDurableObject(hub);
    const ended = await usageOf(bob.user_id, () => atTime(Date.parse(muted_until) + 1, alarm));
    expect(ended.object_rows_read).toBeLessThan(CHATS + 100);
    const pushing = async (text: string) => {
      await say(ann, id, text);
      await expect.poll(async () => JSON.stringify(await pushesTo(phone))).toContain(text);
    };
    await evictDurableObject(hub);
    const first = await usageOf(bob.user_id, () => pushing("the first of a life"));
    const second = await usageOf(bob.user_id, () => pushing("the second"));
    console.info("5,000 conversations", JSON.stringify({ idle, ended, first, second }));
    expect(first.object_rows_read).toBeLessThan(CHATS + 100);
    expect(second.object_rows_read).toBeLessThan(50);
    expect((await screen(phone)).badge).toBe(CHATS * 0.9 + 3);
  });
});
