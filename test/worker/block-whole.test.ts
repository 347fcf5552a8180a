import { abortAllDurableObjects, runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Conversation } from "../../src/conversation/conversation.ts";
import { block, ringHub, unblock } from "./block-kit.ts";
import { atTime, expectError } from "./checks.ts";
import { faults } from "./faults.ts";
import {
  api,
  connect,
  connectTo,
  conversationObject,
  direct,
  group,
  type Person,
  people,
  say,
  type TestSocket,
} from "./kit.ts";

afterEach(() => {
  faults.d1Down = false;
  vi.restoreAllMocks();
});

/** The texts of a conversation, newest first, as a member reads them. */
async function textsOf(who: Person, id: string): Promise<string[]> {
  const { body } = await api(who, "GET", `/conversations/${id}/messages`);
  return body.messages.map(({ content }: { content: string }) => content);
}

/** The texts that a socket has heard. */
function heardBy(socket: TestSocket): string {
  return JSON.stringify(socket.frames);
}

/** What is unread, by the list. */
async function unreadOf(who: Person, id: string): Promise<number> {
  const { body } = await api(who, "GET", "/conversations");
  return body.conversations.find((one: { conversation_id: string }) => one.conversation_id === id)
    .unread_count;
}

describe("from the request to what people see (rule 29)", () => {
  it("[BLOCK-95] after the answer nothing of theirs arrives on any socket, nor is unread; the end brings it back", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    const sockets = [await connect(ann), await connectTo(ann, id), await connect(ann, "/ws?lean=1&batch=1")];
    await block(ann, bob);
    const { seq } = await say(bob, id, "canary");
    for (const socket of sockets) {
      await socket.heard((event) => "seq" in event && event.seq === seq);
      expect(heardBy(socket)).not.toContain("canary");
    }
    expect(await textsOf(ann, id)).not.toContain("canary");
    await expect.poll(() => unreadOf(ann, id)).toBe(0);
    expect((await api(ann, "GET", "/unread")).body.messages).toBe(0);
    await unblock(ann, bob);
    expect(await textsOf(ann, id)).toContain("canary");
    await expect.poll(() => unreadOf(ann, id)).toBe(1);
  });

  it("[BLOCK-96] a direct chat is closed for both with the answer, and open again after the end", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    await say(bob, id, "before");
    await block(ann, bob);
    const path = `/conversations/${id}/messages`;
    const text = { type: "text", content: "hello" };
    for (const one of [ann, bob]) {
      expectError(await api(one, "POST", path, text), "BLOCKED");
      expect(await textsOf(one, id)).toEqual(["before"]);
    }
    await unblock(ann, bob);
    for (const one of [ann, bob]) expect((await api(one, "POST", path, text)).status).toBe(201);
  });

  it("[BLOCK-97] while the directory is down nothing of theirs arrives; the list says so when it is back", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    const socket = await connect(ann);
    await say(bob, id, "before");
    await socket.heard("message.new");
    faults.d1Down = true;
    await block(ann, bob);
    const { seq } = await say(bob, id, "canary");
    await socket.heard((event) => "seq" in event && event.seq === seq);
    expect(heardBy(socket)).not.toContain("canary");
    expect(await textsOf(ann, id)).toEqual(["ann created the group"]);
    faults.d1Down = false;
    await ringHub(ann, 70_000);
    await atTime(Date.now() + 70_000, () => runDurableObjectAlarm(conversationObject(id)));
    await expect.poll(() => unreadOf(ann, id)).toBe(0);
    const { body } = await api(ann, "GET", "/conversations");
    expect(JSON.stringify(body)).not.toContain("before");
  });

  it("[BLOCK-98] everything is killed between the block and its copies: all ends as if it had come at once", async () => {
    const [ann, bob] = await people("ann", "bob");
    const [first, second, pair] = [await group(ann, [bob]), await group(bob, [ann]), await direct(ann, bob)];
    for (const id of [first, second, pair]) await say(bob, id, "canary");
    const spy = vi.spyOn(Conversation.prototype, "setBlocks").mockRejectedValue(new Error("unreachable"));
    await block(ann, bob);
    await abortAllDurableObjects();
    spy.mockRestore();
    await ringHub(ann, 70_000);
    for (const id of [first, second]) {
      expect(await textsOf(ann, id)).not.toContain("canary");
      await expect.poll(() => unreadOf(ann, id)).toBe(0);
    }
    expectError(
      await api(bob, "POST", `/conversations/${pair}/messages`, { type: "text", content: "x" }),
      "BLOCKED",
    );
  });

  it("[BLOCK-99] a conversation's own socket hears no presence of the other either", async () => {
    const [ann, bob, cid] = await people("ann", "bob", "cid");
    const id = await group(ann, [bob, cid]);
    const [annHub, bobHere, cidHere] = [
      await connect(ann),
      await connectTo(bob, id),
      await connectTo(cid, id),
    ];
    await block(ann, bob);
    const statuses = (socket: TestSocket) =>
      socket.all("user.presence").flatMap(({ data }) => (data.user_id === ann.user_id ? data.status : []));
    await annHub.ask({ type: "presence.update", status: "away" });
    await expect.poll(() => statuses(cidHere).at(-1)).toBe("away");
    expect(statuses(bobHere)).not.toContain("away");
    for (const socket of [annHub, bobHere, cidHere]) socket.close();
  });
});

describe("who stands how in a group with blocks (rule 29)", () => {
  it("[BLOCK-32] two who have blocked each other leave, and come back by a third: neither reads the other", async () => {
    const [ann, bob, cid] = await people("ann", "bob", "cid");
    const id = await group(cid, [ann, bob]);
    await block(ann, bob);
    await block(bob, ann);
    for (const one of [ann, bob])
      await api(cid, "DELETE", `/conversations/${id}/participants/${one.user_id}`);
    for (const { user_id } of [ann, bob]) {
      expect((await api(cid, "POST", `/conversations/${id}/participants`, { user_id })).status).toBe(201);
    }
    await say(ann, id, "canary of ann");
    await say(bob, id, "canary of bob");
    expect(await textsOf(ann, id)).toContain("canary of ann");
    expect(await textsOf(ann, id)).not.toContain("canary of bob");
    expect(await textsOf(bob, id)).not.toContain("canary of ann");
    expect(await textsOf(cid, id)).toEqual(expect.arrayContaining(["canary of ann", "canary of bob"]));
    await expect
      .poll(async () => [await unreadOf(ann, id), await unreadOf(bob, id), await unreadOf(cid, id)])
      .toEqual([0, 0, 2]);
  });

  it("[BLOCK-33] an owner whom everybody has blocked is heard by nobody, and goes on to manage", async () => {
    const [owner, ann, bob] = await people("owner", "ann", "bob");
    const id = await group(owner, [ann, bob]);
    for (const one of [ann, bob]) await block(one, owner);
    await say(owner, id, "canary of the owner");
    for (const one of [ann, bob]) {
      expect(await textsOf(one, id)).not.toContain("canary of the owner");
      await expect.poll(() => unreadOf(one, id)).toBe(0);
    }
    expect((await api(owner, "PUT", `/conversations/${id}`, { name: "Renamed" })).status).toBe(200);
    for (const one of [ann, bob])
      expect((await api(one, "GET", `/conversations/${id}`)).body.name).toBe("Renamed");
    await say(ann, id, "hello");
    await expect.poll(() => unreadOf(owner, id)).toBe(1);
    await expect.poll(() => unreadOf(bob, id)).toBe(1);
  });
});
