/** The directory lags, so a client may ask it before it lists a conversation. The client is told afterwards. */
import { runDurableObjectAlarm } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import { atTime, unlisted } from "./checks.ts";
import {
  api,
  connect,
  conversationObject,
  direct,
  group,
  type Person,
  people,
  say,
  type TestSocket,
} from "./kit.ts";

/** What is said here is not in the directory until {@link catchUp}. */
async function lag(who: Person, id: string): Promise<void> {
  await unlisted(id, () => say(who, id, "while D1 is down"));
}

/** The feed's next attempt. */
async function catchUp(id: string): Promise<void> {
  await atTime(Date.now() + 61_000, () => runDurableObjectAlarm(conversationObject(id)));
}

/** The conversations that `GET /sync` lists for a client without a token. */
async function listed(who: Person): Promise<string[]> {
  const { body } = await api(who, "GET", "/sync");
  return body.conversations.map((item: { conversation: { conversation_id: string } }) => {
    return item.conversation.conversation_id;
  });
}

/** Waits until a socket is told to ask for a conversation. @returns the number up to which it should know it. */
async function told(socket: TestSocket, id: string): Promise<number | undefined> {
  const event = await socket.heard((one) => one.type === "sync.required" && one.conversation_id === id);
  return event.type === "sync.required" ? event.up_to_seq : undefined;
}

describe("a conversation that the directory lists late", () => {
  it("[R21 SYNC-11] who was added while away and connects before it is listed is told to ask for it", async () => {
    const [ann, bob, cat] = (await people("ann", "bob", "cat")) as [Person, Person, Person];
    const id = await group(ann, [cat]);
    await lag(ann, id);
    expect(
      (await api(ann, "POST", `/conversations/${id}/participants`, { user_id: bob.user_id })).status,
    ).toBe(201);
    const socket = await connect(bob);
    expect(await listed(bob)).toEqual([]);
    await catchUp(id);
    const { seq } = (await api(bob, "GET", `/conversations/${id}`)).body;
    expect(await told(socket, id)).toBe(seq);
    await socket.ask({ type: "sync", conversations: { [id]: 0 } });
    expect(socket.all("conversation.sync").at(-1)?.data).toMatchObject({ membership: "member", seq });
    expect(await listed(bob)).toEqual([id]);
  });

  it("[R21 SYNC-12] a second device that opens after the event and asks before the list has it is told, too", async () => {
    const [ann, bob, cat] = (await people("ann", "bob", "cat")) as [Person, Person, Person];
    const id = await group(ann, [cat]);
    const first = await connect(bob);
    await lag(ann, id);
    await api(ann, "POST", `/conversations/${id}/participants`, { user_id: bob.user_id });
    const added = await first.heard("participant.added");
    const second = await connect(bob);
    expect(await listed(bob)).toEqual([]);
    await catchUp(id);
    expect(await told(second, id)).toBeGreaterThanOrEqual("seq" in added ? (added.seq ?? 0) : 0);
  });

  it("[R8 R21 SYNC-13] a direct conversation that comes back into the list is told to who could not find it there", async () => {
    const [ann, bob] = (await people("ann", "bob")) as [Person, Person];
    const id = await direct(ann, bob);
    await say(ann, id, "before");
    await api(bob, "DELETE", `/conversations/${id}`);
    expect(await listed(bob)).toEqual([]);
    await lag(ann, id);
    const socket = await connect(bob);
    expect(await listed(bob)).toEqual([]);
    await catchUp(id);
    await told(socket, id);
    expect(await listed(bob)).toEqual([id]);
  });

  it("[R21 SYNC-15] the number is that of the conversation, where the list is many batches behind: who was in before asks", async () => {
    const [ann, bob] = (await people("ann", "bob")) as [Person, Person];
    const id = await group(ann, [bob]);
    await lag(ann, id);
    for (let i = 0; i < 110; i++) await say(ann, id, `missed ${i}`);
    await api(ann, "DELETE", `/conversations/${id}/participants/${bob.user_id}`);
    const { seq: known } = (await api(ann, "GET", `/conversations/${id}`)).body;
    await api(ann, "POST", `/conversations/${id}/participants`, { user_id: bob.user_id });
    const socket = await connect(bob);
    await catchUp(id);
    expect(await told(socket, id)).toBeGreaterThan(known);
  });

  it("[R21 SYNC-14] nobody is told of what they could find, and nobody who has left by then", async () => {
    const [ann, bob, cat] = (await people("ann", "bob", "cat")) as [Person, Person, Person];
    const id = await group(ann, [cat]);
    const sockets = [await connect(ann), await connect(bob), await connect(cat)] as const;
    const { seq: before } = (await api(ann, "GET", `/conversations/${id}`)).body;
    await lag(ann, id);
    await api(ann, "POST", `/conversations/${id}/participants`, { user_id: bob.user_id });
    await api(ann, "DELETE", `/conversations/${id}/participants/${bob.user_id}`);
    await catchUp(id);
    await vi.waitFor(async () => {
      const [item] = (await api(ann, "GET", "/conversations")).body.conversations;
      expect(item.last_message.content).not.toBe("while D1 is down");
    });
    // What comes next over the same way comes behind it.
    const { seq } = await say(ann, id, "next");
    await sockets[0].heard((event) => event.type === "message.new" && event.seq === seq);
    await sockets[2].heard((event) => event.type === "message.new" && event.seq === seq);
    const late = sockets.flatMap((socket) => socket.all("sync.required"));
    expect(late.filter(({ up_to_seq = Number.POSITIVE_INFINITY }) => up_to_seq > before)).toEqual([]);
  });
});
