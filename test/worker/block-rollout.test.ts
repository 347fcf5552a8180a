import { abortAllDurableObjects, evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { block, blockedBy, listed, noteTold, ringHub, type Told, unblock } from "./block-kit.ts";
import { alarmOf } from "./checks.ts";
import { faults } from "./faults.ts";
import { api, connect, direct, group, hubObject, type Person, people, say } from "./kit.ts";

afterEach(() => {
  faults.d1Down = false;
  vi.restoreAllMocks();
});

/** The last word that each conversation was told. */
function lastWords(told: readonly Told[]): Record<string, boolean> {
  return Object.fromEntries(told.map(({ conversation_id, word }) => [conversation_id, word.is_blocked]));
}

/** Whether a hub has nothing left to tell anybody. */
async function isDone(who: Person): Promise<boolean> {
  const query = "SELECT 1 FROM blocks WHERE rollout IS NOT NULL";
  return await runInDurableObject(
    hubObject(who.user_id) as DurableObjectStub,
    (_, { storage }) => storage.sql.exec(query).toArray().length === 0,
  );
}

describe("a block on its way to all who need it (rule 29)", () => {
  it("[BLOCK-60] shared conversations have it before the answer, former ones too, and no others", async () => {
    const [ann, bob, cid] = await people("ann", "bob", "cid");
    const [together, pair, former] = [
      await group(ann, [bob, cid]),
      await direct(ann, bob),
      await group(bob, [ann]),
    ];
    await group(ann, [cid]);
    await group(bob, [cid]);
    await api(ann, "DELETE", `/conversations/${former}`);
    await expect
      .poll(async () => {
        const query = "SELECT left_seq FROM members WHERE conversation_id = ? AND user_id = ?";
        return await env.DB.prepare(query).bind(former, ann.user_id).first("left_seq");
      })
      .not.toBeNull();
    const told = noteTold(ann);
    await block(ann, bob);
    expect(lastWords(told)).toEqual({ [together]: true, [pair]: true, [former]: true });
    expect(told.map(({ word }) => word)).toEqual(
      Array(3).fill({ blocker_id: ann.user_id, blocked_id: bob.user_id, is_blocked: true, version: 1 }),
    );
    await unblock(ann, bob);
    expect(lastWords(told)).toEqual({ [together]: false, [pair]: false, [former]: false });
  });

  it("[BLOCK-61] a conversation that cannot be reached does not hold up the others, and gets it by alarm", async () => {
    const [ann, bob] = await people("ann", "bob");
    const [lost, there] = [await group(ann, [bob]), await group(ann, [bob])];
    let isLost = true;
    const told = noteTold(ann, (id) => {
      if (isLost && id === lost) throw new Error("unreachable");
    });
    await block(ann, bob);
    expect(lastWords(told)).toEqual({ [there]: true });
    expect(await alarmOf(hubObject(ann.user_id) as DurableObjectStub)).not.toBeNull();
    await ringHub(ann, 2_000);
    isLost = false;
    for (const inMs of [70_000, 140_000, 210_000]) await ringHub(ann, inMs);
    expect(lastWords(told)).toEqual({ [there]: true, [lost]: true });
    expect(await isDone(ann)).toBe(true);
  });

  it("[BLOCK-62] a request waits two seconds for one that does not answer, and says that it is done", async () => {
    const [ann, bob] = await people("ann", "bob");
    const slow = await group(ann, [bob]);
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const told = noteTold(ann, () => held);
    const begun = Date.now();
    expect((await block(ann, bob)).status).toBe(200);
    expect(Date.now() - begun).toBeGreaterThanOrEqual(1_900);
    // Nothing is let go before: a request that waited on would never end.
    expect(told).toEqual([]);
    release();
    await expect.poll(() => lastWords(told)).toEqual({ [slow]: true });
  });

  it.each([
    ["evicted", async (who: Person) => await evictDurableObject(hubObject(who.user_id) as DurableObjectStub)],
    ["killed, with all others", async () => await abortAllDurableObjects()],
  ])("[BLOCK-63] the hub is %s between the block and its copies: they get it", async (_, kill) => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    let isDown = true;
    const told = noteTold(ann, () => {
      if (isDown) throw new Error("unreachable");
    });
    faults.d1Down = true;
    await block(ann, bob);
    await kill(ann);
    faults.d1Down = false;
    isDown = false;
    expect(await blockedBy(ann)).toEqual([bob.user_id]);
    for (const inMs of [70_000, 140_000, 210_000]) await ringHub(ann, inMs);
    expect(await listed(ann, bob)).toEqual({ is_blocked: 1, version: 1 });
    expect(lastWords(told)).toEqual({ [id]: true });
    expect(await isDone(ann)).toBe(true);
  });

  it("[BLOCK-64] a kill in the middle of the calls: each conversation has the last word in the end", async () => {
    const [ann, bob] = await people("ann", "bob");
    const ids = await Promise.all(Array.from({ length: 6 }, () => group(ann, [bob])));
    let calls = 0;
    let hang = true;
    const told = noteTold(ann, async () => {
      calls += 1;
      if (hang && calls > 2) await new Promise(() => undefined);
    });
    const asked = block(ann, bob).catch(() => undefined);
    await expect.poll(() => calls).toBeGreaterThan(2);
    await abortAllDurableObjects();
    hang = false;
    await asked;
    await unblock(ann, bob);
    await block(ann, bob);
    await unblock(ann, bob);
    for (const inMs of [70_000, 140_000, 210_000, 280_000]) await ringHub(ann, inMs);
    expect(lastWords(told)).toEqual(Object.fromEntries(ids.map((id) => [id, false])));
    expect(await listed(ann, bob)).toBeNull();
    expect(await isDone(ann)).toBe(true);
  });

  it("[BLOCK-65] while the directory is down, conversations that the hub knows have it at once, the others when it is back", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    const socket = await connect(ann);
    await say(bob, id, "hello");
    await socket.heard("message.new");
    const told = noteTold(ann);
    faults.d1Down = true;
    await block(ann, bob);
    expect(lastWords(told)).toEqual({ [id]: true });
    faults.d1Down = false;
    const other = await group(bob, [ann]);
    await ringHub(ann, 70_000);
    expect(lastWords(told)).toEqual({ [id]: true, [other]: true });
    expect(await listed(ann, bob)).toEqual({ is_blocked: 1, version: 1 });
  });

  it("[BLOCK-66] a conversation that was created at the same moment gets it when it is looked for again", async () => {
    const [ann, bob] = await people("ann", "bob");
    const told = noteTold(ann);
    await block(ann, bob);
    expect(told).toEqual([]);
    // Created by another, who had not asked the directory yet when the block came: here the block is kept from them.
    const late = await lateGroup(ann, bob);
    await ringHub(ann, 11_000);
    await expect.poll(() => lastWords(told)).toEqual({ [late]: true });
    await ringHub(ann, 130_000);
    expect(await isDone(ann)).toBe(true);
  });

  it("[BLOCK-67] changes that come faster than their copies end with the last one everywhere", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    const told = noteTold(
      ann,
      async () => await new Promise((resolve) => setTimeout(resolve, Math.random() * 30)),
    );
    const changes = Array.from({ length: 9 }, (_, i) => (i % 2 === 0 ? block(ann, bob) : unblock(ann, bob)));
    await Promise.all(changes);
    const [wanted] = await blockedBy(ann);
    await expect.poll(() => lastWords(told)[id]).toBe(wanted === bob.user_id);
    const versions = told.map(({ word }) => word.version);
    expect(versions).toEqual([...versions].sort((one, other) => one - other));
    expect(await listed(ann, bob)).toMatchObject({ is_blocked: Number(wanted === bob.user_id) });
  });
});

/** A group whose creation did not see the block. */
async function lateGroup(ann: Person, bob: Person): Promise<string> {
  await env.DB.prepare("UPDATE blocks SET is_blocked = 0 WHERE blocker_id = ?").bind(ann.user_id).run();
  const id = await group(ann, [bob]);
  await env.DB.prepare("UPDATE blocks SET is_blocked = 1 WHERE blocker_id = ?").bind(ann.user_id).run();
  return id;
}
