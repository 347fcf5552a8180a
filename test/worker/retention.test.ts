/** Messages are deleted when they are older than messages are kept (rule 10). */
import {
  createScheduledController,
  evictDurableObject,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openDirectory } from "../../src/directory/database.ts";
import { forgetReports } from "../../src/directory/retention.ts";
import type { Env } from "../../src/env.ts";
import worker from "../../src/index.ts";
import { sendFile, stored } from "./attachments-kit.ts";
import { alarmOf, expectError } from "./checks.ts";
import { faults, withFaults } from "./faults.ts";
import { api, conversationObject, direct, group, type Person, people, say } from "./kit.ts";
import { serverToken } from "./server-kit.ts";
import { verify } from "./state-kit.ts";
import { usageOf } from "./usage.ts";

const DAY = 86_400_000;

afterEach(() => {
  faults.settings = {};
  faults.d1Down = false;
});

/** The object begins again, whether it is awake or not. */
async function restart(id: string): Promise<void> {
  await conversationObject(id).ping();
  await evictDurableObject(conversationObject(id));
}

/** The deployment keeps messages for so long from now on; the conversation's object begins again and knows it. */
async function keptFor(days: number | undefined, ...ids: string[]): Promise<void> {
  faults.settings = days === undefined ? {} : { MESSAGE_RETENTION_DAYS: String(days) };
  for (const id of ids) await restart(id);
}

/** Makes what was said up to a place older, as if time had passed. */
async function age(id: string, upTo: number, days: number): Promise<void> {
  await runInDurableObject(conversationObject(id), (_, state) => {
    const older = `UPDATE messages SET created_at = created_at - ? WHERE seq <= ?`;
    state.storage.sql.exec(older, days * DAY, upTo);
  });
  await restart(id);
}

/** Rings the alarm until nothing more goes at once. */
async function ring(id: string): Promise<void> {
  for (let turn = 0; turn < 5; turn++) {
    await runDurableObjectAlarm(conversationObject(id));
    const next = await alarmOf(conversationObject(id));
    if (next === null || next > Date.now() + 60_000) return;
    await restart(id);
  }
}

/** What is left, oldest first: the texts, and null for tombstones. */
async function texts(who: Person, id: string): Promise<(string | null)[]> {
  const { messages } = (await api(who, "GET", `/conversations/${id}/messages?limit=100`)).body;
  return messages
    .map((one: { is_deleted: boolean; content: string }) => (one.is_deleted ? null : one.content))
    .reverse();
}

async function projected(id: string) {
  const rows = await env.DB.prepare(
    "SELECT seq, content FROM messages WHERE conversation_id = ? ORDER BY seq",
  )
    .bind(id)
    .all();
  return rows.results.map(({ content }) => content);
}

describe("the deployment's retention", () => {
  it("[R10 RETAIN-10] old messages become tombstones with one event, and everybody holds the same", async () => {
    const [ann, bob, cat] = await people("ann", "bob", "cat");
    const id = await group(ann, [bob, cat]);
    const first = await say(ann, id, "old apple");
    await api(bob, "POST", `/messages/${first.message_id}/reactions`, { emoji: "👍" });
    await api(ann, "PUT", `/messages/${first.message_id}`, { content: "old pear" });
    await say(bob, id, `@${cat.username} an old mention`, { metadata: { mentions: [`@${cat.username}`] } });
    const last = await say(bob, id, "the last old one");
    await say(ann, id, "a new answer", { reply_to_message_id: last.message_id });
    await age(id, last.seq, 31);
    await keptFor(30, id);
    const counts = async () => (await api(cat, "GET", "/conversations")).body.conversations[0];
    await verify(id, [ann, bob, cat], async () => await ring(id));
    expect(await texts(ann, id)).toEqual([null, null, null, null, "a new answer"]);
    await vi.waitFor(async () => expect(await projected(id)).toEqual(["a new answer"]));
    expect((await api(ann, "GET", "/search/messages?q=old")).body.results).toEqual([]);
    expect(await counts()).toMatchObject({ unread_count: 1, unread_mentions: 0 });
    const { body } = await api(ann, "GET", `/conversations/${id}/messages?limit=1`);
    expect(body.messages[0].reply_to).toMatchObject({ is_deleted: true, content: "" });
    const { edits } = (await api(ann, "GET", `/messages/${first.message_id}/edits`)).body;
    expect(edits.map((one: { content: string }) => one.content).join("")).toBe("");
  });

  it("[R10 RETAIN-11] pinned messages stay, and go within a day after they were unpinned", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const pinned = await say(ann, id, "pinned");
    const other = await say(bob, id, "not pinned");
    await api(bob, "PUT", `/messages/${pinned.message_id}/pin`);
    await age(id, other.seq, 31);
    await keptFor(30, id);
    await ring(id);
    expect(await texts(ann, id)).toEqual(["pinned", null, "bob pinned a message"]);
    await api(bob, "DELETE", `/messages/${pinned.message_id}/pin`);
    await ring(id);
    expect(await texts(ann, id)).toContain("pinned");
    const next = await alarmOf(conversationObject(id));
    expect(next).toBeLessThanOrEqual(Date.now() + DAY);
    vi.setSystemTime(Date.now() + DAY);
    await restart(id);
    await ring(id);
    vi.useRealTimers();
    expect(await texts(ann, id)).not.toContain("pinned");
  });

  it("[R10 R29 RETAIN-12] reported messages stay; while D1 does not say which, everything does", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const bad = await say(bob, id, "an insult");
    const other = await say(bob, id, "harmless");
    await api(ann, "POST", "/reports", { message_id: bad.message_id, reason: "harassment" });
    await age(id, other.seq, 31);
    await keptFor(30, id);
    faults.d1Down = true;
    await runDurableObjectAlarm(conversationObject(id));
    expect((await texts(ann, id)).filter((text) => text !== null)).toContain("harmless");
    expect(await alarmOf(conversationObject(id))).toBeLessThanOrEqual(Date.now() + 300_000);
    faults.d1Down = false;
    await restart(id);
    await ring(id);
    expect((await texts(ann, id)).filter((text) => text !== null)).toEqual(["an insult"]);
  });

  it("[R10 R26 RETAIN-13] files of old messages are deleted", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const { message_id } = await sendFile(ann, id);
    const { seq } = (await api(ann, "GET", `/messages/${message_id}`)).body;
    expect(await stored(id)).not.toEqual([]);
    await age(id, seq, 31);
    await keptFor(30, id);
    await ring(id);
    await vi.waitFor(async () => expect(await stored(id)).toEqual([]));
  });

  it("[R10 RETAIN-14] a client that was away for more than a page begins from the newest; /sync holds", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    let last = { seq: 0 };
    for (let i = 0; i < 130; i++) last = await say(bob, id, `old ${i}`);
    const { next_token } = (await api(ann, "GET", "/sync")).body;
    await say(bob, id, "new");
    await age(id, last.seq, 31);
    await keptFor(30, id);
    await ring(id);
    await vi.waitFor(async () => expect(await projected(id)).toEqual(["new"]));
    const [item] = (await api(ann, "GET", `/sync?since=${next_token}`)).body.conversations;
    expect(item.changes.limited).toBe(true);
    const left = item.changes.messages.filter((one: { is_deleted: boolean }) => !one.is_deleted);
    expect(left.map((one: { content: string }) => one.content)).toEqual(["new"]);
    expect(item.conversation).toMatchObject({ unread_count: 1, last_message: { content: "new" } });
    await conversationObject(id).rebuildProjection();
    expect(await projected(id)).toEqual(["new"]);
  });

  it("[R10 RETAIN-15] the newest message of a silent conversation is shown as deleted in the list", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const { seq } = await say(bob, id, "the last word");
    await age(id, seq, 31);
    await keptFor(30, id);
    await ring(id);
    await vi.waitFor(async () => {
      const [item] = (await api(ann, "GET", "/conversations")).body.conversations;
      expect(item).toMatchObject({ unread_count: 0, last_message: { is_deleted: true, content: "" } });
    });
  });

  it("[R10 RETAIN-16] thousands go in turns of a thousand, with one event each", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const { seq } = await say(ann, id, "the first");
    await runInDurableObject(conversationObject(id), (_, state) => {
      const columns = "sender_id, type, content, created_at, no, sender_no, changed_seq";
      state.storage.sql.exec(
        `INSERT INTO messages (seq, ${columns}) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
         SELECT ?1 + i, sender_id, type, 'said ' || i, created_at, no + i, sender_no + i, ?1 + i FROM n, messages WHERE seq = ?1`,
        seq,
      );
    });
    await age(id, seq + 2_500, 31);
    await keptFor(30, id);
    const head = (await api(ann, "GET", `/conversations/${id}`)).body.seq;
    await runDurableObjectAlarm(conversationObject(id));
    const left = async () =>
      await runInDurableObject(
        conversationObject(id),
        (_, state) =>
          state.storage.sql.exec("SELECT count(*) AS n FROM messages WHERE deleted_at IS NULL").one().n,
      );
    expect(await left()).toBe(2_501 - 1_000);
    const next = await alarmOf(conversationObject(id));
    expect(next).toBeLessThanOrEqual(Date.now() + 3_000);
    await ring(id);
    expect(await left()).toBe(0);
    expect((await api(ann, "GET", `/conversations/${id}`)).body.seq).toBe(head + 3);
    expect((await api(bob, "GET", `/conversations/${id}`)).status).toBe(200);
  });
});

describe("a conversation's own retention", () => {
  it("[R10 RETAIN-20] managers and servers set it, never longer than the deployment's; null takes it back", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    faults.settings = { MESSAGE_RETENTION_DAYS: "30" };
    await restart(id);
    const set = (who: Person, retention_days: number | null) =>
      api(who, "PUT", `/conversations/${id}`, { settings: { retention_days } });
    expect((await set(ann, 7)).body.settings.retention_days).toBe(7);
    expectError(await set(bob, 5), "FORBIDDEN");
    expectError(await set(ann, 31), "VALIDATION_ERROR");
    expect((await set(ann, null)).body.settings.retention_days).toBeNull();
    const backend = await serverToken();
    const pair = await direct(ann, bob);
    await restart(pair);
    const body = { settings: { retention_days: 3 } };
    expectError(await api(ann, "PUT", `/conversations/${pair}`, body), "VALIDATION_ERROR");
    expect(
      (await api(backend, "PUT", `/server/conversations/${pair}`, body)).body.settings.retention_days,
    ).toBe(3);
    expectError(
      await api(backend, "PUT", `/server/conversations/${pair}`, { settings: { retention_days: 31 } }),
      "VALIDATION_ERROR",
    );
  });

  it("[R10 RETAIN-21] what is too old goes at once when it is set, with no deployment's retention too", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    const { seq } = await say(ann, id, "eight days old");
    await age(id, seq, 8);
    await say(ann, id, "of today");
    await api(ann, "PUT", `/conversations/${id}`, { settings: { retention_days: 7 } });
    await vi.waitFor(async () => {
      const left = (await texts(ann, id)).filter((text) => text !== null);
      expect(left).not.toContain("eight days old");
      expect(left).toContain("of today");
    });
  });
});

describe("a deployment that begins to keep messages for a time", () => {
  it("[R10 RETAIN-22] silent conversations are told once, and delete by their own alarm", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const { seq } = await say(ann, id, "from long ago");
    await age(id, seq, 31);
    while (await runDurableObjectAlarm(conversationObject(id)));
    faults.settings = { MESSAGE_RETENTION_DAYS: "30" };
    await restart(id);
    const run = () =>
      worker.scheduled(createScheduledController({ scheduledTime: Date.now() }), withFaults(env as Env));
    await run();
    // What other tests have left is told, too: some hundred at a time.
    for (let runs = 0; runs < 20 && (await alarmOf(conversationObject(id))) === null; runs++) {
      vi.setSystemTime(Date.now() + 61_000);
      await run();
    }
    vi.useRealTimers();
    expect(await alarmOf(conversationObject(id))).toBeLessThanOrEqual(Date.now() + 61_000 * 20);
    await ring(id);
    expect(await texts(ann, id)).toEqual([null]);
  });

  it("[R10 RETAIN-40] what was kept for a reason stays without one too, where messages are kept for longer since", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const pinned = await say(ann, id, "pinned");
    await api(bob, "PUT", `/messages/${pinned.message_id}/pin`);
    await age(id, pinned.seq, 31);
    await keptFor(30, id);
    await ring(id);
    expect(await texts(ann, id)).toContain("pinned");
    await keptFor(365, id);
    await api(bob, "DELETE", `/messages/${pinned.message_id}/pin`);
    vi.setSystemTime(Date.now() + 2 * DAY);
    await restart(id);
    await ring(id);
    vi.useRealTimers();
    expect(await texts(ann, id)).toContain("pinned");
    // It is not forgotten: with the shorter time again it goes.
    vi.setSystemTime(Date.now() + 4 * DAY);
    await keptFor(30, id);
    await ring(id);
    vi.useRealTimers();
    expect(await texts(ann, id)).not.toContain("pinned");
  });

  it("[R10 RETAIN-41] a setting that was taken out and comes back is told to silent conversations again", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const run = () =>
      worker.scheduled(createScheduledController({ scheduledTime: Date.now() }), withFaults(env as Env));
    const told = async () => {
      for (let runs = 0; runs < 20; runs++) {
        vi.setSystemTime(Date.now() + 61_000);
        await run();
      }
    };
    faults.settings = { MESSAGE_RETENTION_DAYS: "29" };
    await told();
    faults.settings = {};
    await run();
    // Nobody tells the alarm of what is said while messages are kept for ever.
    await restart(id);
    const { seq } = await say(ann, id, "said in between");
    await age(id, seq, 31);
    while (await runDurableObjectAlarm(conversationObject(id)));
    faults.settings = { MESSAGE_RETENTION_DAYS: "29" };
    await restart(id);
    await told();
    vi.useRealTimers();
    await ring(id);
    expect(await texts(ann, id)).toEqual([null]);
  });

  it("[R10 R29 RETAIN-23] what reporters have seen goes too, when it was decided as long ago", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const { message_id } = await say(bob, id, "an insult");
    const report = { message_id, reason: "harassment" };
    const { report_id } = (await api(ann, "POST", "/reports", report)).body;
    const snapshots = async () =>
      (await env.DB.prepare("SELECT 1 FROM report_snapshots WHERE report_id = ?").bind(report_id).all())
        .results.length;
    const forget = () => forgetReports(openDirectory(env.DB), Date.now() - 30 * DAY, 100);
    await forget();
    expect(await snapshots()).toBe(1);
    const old = Date.now() - 31 * DAY;
    await env.DB.prepare(
      "UPDATE moderation_items SET opened_at = ?, decided_at = ?, status = 'done' WHERE target_id = ?",
    )
      .bind(old, old, message_id)
      .run();
    await forget();
    expect(await snapshots()).toBe(0);
  });
});

describe("what it costs", () => {
  it("[R10 RETAIN-30] without retention nothing, and with it no row and no alarm for each message", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    await say(ann, id, "hello");
    const rowsOf = async () => {
      const usage = await usageOf(id, async () => {
        await say(ann, id, "a message");
        await runDurableObjectAlarm(conversationObject(id));
      });
      return usage.object_rows_written;
    };
    const without = await rowsOf();
    expect(await alarmOf(conversationObject(id))).toBeNull();
    await keptFor(30, id);
    await rowsOf();
    const due = await alarmOf(conversationObject(id));
    expect(due).toBeGreaterThan(Date.now() + 29 * DAY);
    expect(await rowsOf()).toBeLessThanOrEqual(without + 1);
    expect(await alarmOf(conversationObject(id))).toBe(due);
  });
});
