import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { MAX_BLOCKS } from "@rocket-chat-api/protocol";
import { afterEach, describe, expect, it } from "vitest";
import { block, blockedBy, listed, ringHub, unblock } from "./block-kit.ts";
import { expectError } from "./checks.ts";
import { faults } from "./faults.ts";
import { api, connect, connectTo, group, hubObject, type Person, people } from "./kit.ts";

afterEach(() => {
  faults.d1Down = false;
});

/** Lets a person's hub begin with so many blocks. */
async function haveBlocked(who: Person, count: number): Promise<void> {
  await block(who, { user_id: crypto.randomUUID() });
  const hub = hubObject(who.user_id) as DurableObjectStub;
  await runInDurableObject(hub, (_, { storage }) => {
    storage.sql.exec(
      `INSERT INTO blocks (user_id, version, is_blocked, changed_at)
        WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
        SELECT '00000000-0000-4000-8000-' || substr('000000000000' || i, -12), i, 1, i FROM n`,
      count,
    );
    storage.sql.exec("UPDATE hub SET block_version = ?", count);
  });
  await evictDurableObject(hub);
}

describe("the list of blocks (rule 29)", () => {
  it("[BLOCK-50] a block is in the list with the profile and its time; repeating it changes nothing", async () => {
    const [ann, bob] = await people("ann", "bob");
    const first = await block(ann, bob);
    expect(first).toMatchObject({
      status: 200,
      body: { user: { user_id: bob.user_id, username: bob.username } },
    });
    expect(Math.abs(Date.parse(first.body.blocked_at) - Date.now())).toBeLessThan(5_000);
    expect((await block(ann, bob)).body).toEqual(first.body);
    const { body } = await api(ann, "GET", "/blocks");
    expect(body).toEqual({ blocks: [first.body], next_cursor: null });
    expect(await blockedBy(bob)).toEqual([]);
    expect(await listed(ann, bob)).toEqual({ is_blocked: 1, version: 1 });
  });

  it("[BLOCK-51] who is unblocked is gone from it; unblocking anybody again is 204", async () => {
    const [ann, bob] = await people("ann", "bob");
    await block(ann, bob);
    for (const _ of [1, 2]) expect((await unblock(ann, bob)).status).toBe(204);
    expect(await blockedBy(ann)).toEqual([]);
    expect(await listed(ann, bob)).toEqual({ is_blocked: 0, version: 2 });
    expect((await unblock(bob, ann)).status).toBe(204);
    expect(await listed(bob, ann)).toBeNull();
    await block(ann, bob);
    expect(await listed(ann, bob)).toEqual({ is_blocked: 1, version: 3 });
  });

  it("[BLOCK-52] what is left of an ended block goes, from the hub and the directory", async () => {
    const [ann, bob] = await people("ann", "bob");
    await block(ann, bob);
    await unblock(ann, bob);
    await ringHub(ann, 11_000);
    await ringHub(ann, 130_000);
    await expect.poll(() => listed(ann, bob)).toBeNull();
    const rows = await runInDurableObject(hubObject(ann.user_id) as DurableObjectStub, (_, { storage }) =>
      storage.sql.exec("SELECT user_id FROM blocks").toArray(),
    );
    expect(rows).toEqual([]);
  });

  it("[BLOCK-53] nobody can block themselves, and a user who has never been here can be blocked", async () => {
    const [ann] = await people("ann");
    expectError(await block(ann, ann), "VALIDATION_ERROR");
    const user_id = crypto.randomUUID();
    const { status, body } = await block(ann, { user_id });
    expect([status, body.user.user_id]).toEqual([200, user_id]);
    expect(await blockedBy(ann)).toEqual([user_id]);
  });

  it(`[BLOCK-54] at most ${MAX_BLOCKS}; who is blocked already is no new one`, async () => {
    const [ann, bob] = await people("ann", "bob");
    await haveBlocked(ann, MAX_BLOCKS - 1);
    expect((await block(ann, bob)).status).toBe(200);
    const [oldest = ""] = (await blockedBy(ann)).slice(-1);
    expectError(await block(ann, { user_id: crypto.randomUUID() }), "LIMIT_REACHED");
    expect((await block(ann, bob)).status).toBe(200);
    await unblock(ann, { user_id: oldest });
    expect((await block(ann, { user_id: crypto.randomUUID() })).status).toBe(200);
  });

  it("[BLOCK-55] pages have each block once, newest first, whatever changes in between", async () => {
    const [ann, bob] = await people("ann", "bob");
    await haveBlocked(ann, 24);
    const seen: string[] = [];
    let cursor = "";
    for (let page = 0; page < 3; page++) {
      const { body } = await api(ann, "GET", `/blocks?limit=10&cursor=${cursor}`);
      seen.push(...body.blocks.map((one: { user: { user_id: string } }) => one.user.user_id));
      cursor = body.next_cursor ?? "";
      if (page === 0) await block(ann, bob);
      if (page === 1) await unblock(ann, { user_id: seen[0] ?? "" });
    }
    expect(cursor).toBe("");
    expect(seen).toHaveLength(24);
    expect(new Set(seen).size).toBe(24);
    expect(seen).not.toContain(bob.user_id);
  });

  it("[BLOCK-56] all devices of the blocker hear it, on both kinds of sockets, and nobody else", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    const own = [await connect(ann), await connectTo(ann, id)];
    const others = [await connect(bob), await connectTo(bob, id)];
    const { body } = await block(ann, bob);
    await block(ann, bob);
    await unblock(ann, bob);
    const changes = [
      { user_id: bob.user_id, is_blocked: true, blocked_at: body.blocked_at },
      { user_id: bob.user_id, is_blocked: false, blocked_at: null },
    ];
    for (const socket of own) {
      await socket.heard((event) => event.type === "blocks.updated" && !event.data.is_blocked);
      expect(socket.all("blocks.updated").map(({ data }) => data)).toEqual(changes);
    }
    for (const socket of others) {
      await socket.ask({ type: "ping" }).catch(() => undefined);
      expect(socket.all("blocks.updated")).toEqual([]);
    }
  });

  it("[BLOCK-57] while the directory is down it is blocked, listed and unblocked all the same", async () => {
    const [ann, bob] = await people("ann", "bob");
    faults.d1Down = true;
    const { status, body } = await block(ann, bob);
    expect([status, body.user.user_id]).toEqual([200, bob.user_id]);
    expect(await blockedBy(ann)).toEqual([bob.user_id]);
    faults.d1Down = false;
    expect(await listed(ann, bob)).toBeNull();
    await ringHub(ann, 60_000);
    await expect.poll(() => listed(ann, bob)).toEqual({ is_blocked: 1, version: 1 });
    faults.d1Down = true;
    expect((await unblock(ann, bob)).status).toBe(204);
    expect(await blockedBy(ann)).toEqual([]);
  });
});
