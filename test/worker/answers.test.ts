import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Conversation } from "../../src/conversation/conversation.ts";
import type { UserHub } from "../../src/user-hub/user-hub.ts";
import { hears, sendCommand } from "./checks.ts";
import { connect, connectTo, direct, group, hubObject, people, say, type TestSocket } from "./kit.ts";
import { usageOf } from "./usage.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** Where the event of a message stands among all that a socket has heard, and where the acknowledgement. */
function places(socket: TestSocket, content: string): { event: number[]; ack: number } {
  const event = socket.events.flatMap((one, i) =>
    one.type === "message.new" && one.data.content === content ? [i] : [],
  );
  return { event, ack: socket.events.findLastIndex((one) => one.type === "ack") };
}

/** Calls that a conversation makes while a message is said over a user's socket and heard. */
async function callsFor(id: string, from: TestSocket, listeners: TestSocket[], content: string) {
  const usage = await usageOf(id, async () => {
    await from.ask(sendCommand(id, content));
    await Promise.all(listeners.map((socket) => hears(socket, content)));
    await new Promise((resolve) => setTimeout(resolve, 100));
  });
  return usage.object_requests;
}

describe("events that travel with the answer to the command that caused them", () => {
  it("[RIDE-1] a message over /ws costs a call for each other member, and one for the receipt of a direct chat", async () => {
    const [ann, bob, cid] = await people("ann", "bob", "cid");
    const chat = await direct(ann, bob);
    const room = await group(ann, [bob, cid]);
    const sockets = await Promise.all([ann, bob, cid].map((who) => connect(who)));
    const [anns, bobs] = sockets as [TestSocket, TestSocket, TestSocket];
    // The first message finds out who is there, and its receipts are on their way for a moment.
    for (const id of [chat, room]) await callsFor(id, anns, [bobs], `warm ${id}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await callsFor(chat, anns, [anns, bobs], "direct")).toBe(2);
    expect(await callsFor(room, anns, sockets, "group")).toBe(2);
  });

  it("[RIDE-2] all devices of the sender hear it once, and before the answer", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const [phone, laptop, bobs, own] = await Promise.all([
      connect(ann),
      connect(ann, "/ws?batch=1"),
      connect(bob),
      connectTo(ann, id),
    ]);
    for (const content of ["one", "two", "three"]) {
      await phone.ask(sendCommand(id, content));
      for (const socket of [phone, laptop, bobs, own]) await hears(socket, content);
      const { event, ack } = places(phone, content);
      expect(event).toHaveLength(1);
      expect(event[0]).toBeLessThan(ack);
      for (const socket of [laptop, bobs, own]) expect(places(socket, content).event).toHaveLength(1);
    }
  });

  it("[RIDE-3] a hub that has forgotten everything passes them on at once", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const [anns, bobs] = await Promise.all([connect(ann), connect(bob)]);
    for (const content of ["one", "two"]) await anns.ask(sendCommand(id, content));
    await hears(bobs, "two");
    await evictDurableObject(hubObject(ann.user_id));
    const before = Date.now();
    await anns.ask(sendCommand(id, "three"));
    await hears(anns, "three");
    // It would wait for a second if it took the batches before this one for missing.
    expect(Date.now() - before).toBeLessThan(900);
    await say(bob, id, "four");
    await hears(anns, "four");
    expect(anns.all("message.new").map(({ data }) => data.content)).toEqual(["one", "two", "three", "four"]);
  });

  it("[RIDE-4] an answer that is lost with its events: every device is asked to sync, and then has them", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const [phone, laptop, bobs] = await Promise.all([connect(ann), connect(ann), connect(bob)]);
    const { seq } = await say(bob, id, "before");
    for (const socket of [phone, laptop]) await hears(socket, "before");
    const restore = loseAnswers();
    const answer = await phone.ask(sendCommand(id, "unanswered"));
    restore();
    expect(answer).toMatchObject({ type: "error", code: "INTERNAL_ERROR" });
    await hears(bobs, "unanswered");
    for (const socket of [phone, laptop]) {
      await socket.heard((event) => event.type === "sync.required" && event.conversation_id === id);
      await socket.ask({ type: "sync", conversations: { [id]: seq } });
      const [sync] = socket.all("conversation.sync");
      expect(sync?.data.messages.map(({ content }) => content)).toEqual(["unanswered"]);
    }
    await phone.ask(sendCommand(id, "after"));
    for (const socket of [phone, laptop]) await hears(socket, "after");
  });

  it("[RIDE-5] an object that still runs an older release names no places: its events are passed on", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await direct(ann, bob);
    const anns = await connect(ann);
    const frame = { type: "sync.required", conversation_id: id, up_to_seq: 1 };
    const answer = await runInDurableObject(hubObject(ann.user_id), (hub: UserHub) =>
      hub.deliver(id, [JSON.stringify(frame)], [0]),
    );
    expect(answer).toMatchObject({ idle: false });
    await anns.heard((event) => event.type === "sync.required" && event.up_to_seq === 1);
  });
});

/** From now on every command is executed, and its answer lost. @returns ends that. */
function loseAnswers(): () => void {
  const execute = Conversation.prototype.executeForHub;
  const spy = vi.spyOn(Conversation.prototype, "executeForHub");
  spy.mockImplementation(async function lost(this: Conversation, ...call) {
    await execute.apply(this, call);
    throw new Error("the connection is lost");
  });
  return () => spy.mockRestore();
}
