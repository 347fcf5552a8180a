/** What was written and not yet told when something broke: it is told later, never never. */
import { abortAllDurableObjects, evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { seqWithin } from "@rocket-chat-api/protocol";
import { afterEach, describe, expect, it, vi } from "vitest";
import { FanOut } from "../../src/conversation/delivery/fan-out.ts";
import { HubDelivery } from "../../src/conversation/delivery/hub-delivery.ts";
import type { Store } from "../../src/conversation/state/store.ts";
import { EncodedEvent } from "../../src/realtime/encoded-event.ts";
import type { Sender } from "../../src/realtime/sender.ts";
import { block } from "./blocks-kit.ts";
import { api, connect, connectTo, conversationObject, group, type Person, people, say } from "./kit.ts";

async function three() {
  const [ann, bob, cat] = (await people("ann", "bob", "cat")) as [Person, Person, Person];
  const id = await group(ann, [bob, cat]);
  return { ann, bob, cat, id, said: await say(ann, id, "hello") };
}

afterEach(() => {
  vi.useRealTimers();
});

describe("what was not told", () => {
  it("[TOLD-1] a receipt that was gathered while a client left is in its resume, whatever was said in between", async () => {
    const { ann, bob, id, said } = await three();
    const socket = await connectTo(ann, id);
    await api(bob, "PUT", `/conversations/${id}/read`, { up_to_message_id: said.message_id });
    const later = await say(bob, id, "said before the receipt is told");
    await socket.heard((event) => event.type === "message.new" && event.seq === later.seq);
    expect(socket.all("message.receipt").some((event) => event.data.status === "read")).toBe(false);
    socket.close();
    await socket.closed;
    const other = await connectTo(bob, id);
    await other.heard((event) => event.type === "message.receipt" && event.data.status === "read");
    const back = await connectTo(ann, id, `?since=${later.seq}`);
    const sync = await back.heard("conversation.sync");
    if (sync.type !== "conversation.sync") throw new Error("no sync");
    expect(sync.data.read_states).toContainEqual(
      expect.objectContaining({ user_id: bob.user_id, last_read_seq: said.seq }),
    );
  });

  it("[TOLD-2] an object that dies before it has told everything says so when it is back", async () => {
    const { ann, bob, id, said } = await three();
    const sockets = [await connect(ann), await connectTo(ann, id)];
    await api(bob, "PUT", `/conversations/${id}/read`, { up_to_message_id: said.message_id });
    const later = await say(bob, id, "said before the receipt is told");
    for (const socket of sockets) {
      await socket.heard((event) => event.type === "message.new" && event.seq === later.seq);
    }
    await evictDurableObject(conversationObject(id));
    await api(ann, "GET", `/conversations/${id}`);
    for (const socket of sockets) {
      await socket.heard("sync.required");
      await socket.ask({ type: "sync", conversations: { [id]: later.seq } });
      expect(socket.all("conversation.sync").at(-1)?.data.read_states).toContainEqual(
        expect.objectContaining({ user_id: bob.user_id, last_read_seq: said.seq }),
      );
    }
  });

  it("[R29 TOLD-6 BLOCK-23] one that dies before it has told of a block lets the blocker's clients begin again, and nobody else's", async () => {
    const { ann, bob, id } = await three();
    const [mine, own, other] = [await connect(ann), await connectTo(ann, id), await connect(bob)];
    await block(id, ann, bob);
    await evictDurableObject(conversationObject(id));
    const next = await say(bob, id, "hidden");
    // Once with the block, and once more because it cannot be known that it has arrived.
    for (const socket of [mine, own]) {
      await expect.poll(() => socket.all("sync.required").map(({ reset }) => reset)).toEqual([true, true]);
    }
    await other.heard((event) => event.type === "message.new" && event.seq === next.seq);
    expect(other.all("sync.required").map(({ reset }) => reset)).toEqual([undefined]);
  });

  it("[TOLD-3] an object that has told everything and sleeps says nothing when it wakes", async () => {
    const { ann, bob, id } = await three();
    const [socket, sender] = [await connect(ann), await connect(bob)];
    await say(bob, id, "hello");
    await sender.heard((event) => event.type === "message.receipt" && event.data.user_id === ann.user_id);
    // As it rings by itself some seconds after the last change.
    await runDurableObjectAlarm(conversationObject(id));
    await evictDurableObject(conversationObject(id));
    await say(ann, id, "again");
    await socket.heard((event) => event.type === "message.new" && event.data.content === "again");
    expect(socket.all("sync.required")).toEqual([]);
  });

  it("[TOLD-5] what a client was handed before the object died is delivered once the client says where it is", async () => {
    const { ann, bob, id } = await three();
    const [mine, socket] = [await connectTo(ann, id), await connectTo(bob, id)];
    const { seq } = await say(ann, id, "handed over, and not noted yet");
    await socket.heard((event) => event.type === "message.new" && event.seq === seq);
    await abortAllDurableObjects();
    await mine.closed;
    const [again] = [await connectTo(ann, id), await connectTo(bob, id, `?since=${seq}`)];
    await again.heard(
      (event) =>
        event.type === "message.receipt" &&
        event.data.user_id === bob.user_id &&
        seqWithin(id, event.data.message_id) === seq,
    );
  });

  it("[TOLD-4] a hub that cannot be reached for long is told to ask when it can", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    const heard: string[] = [];
    let isReachable = false;
    const sender = { broadcast: () => undefined } as unknown as Sender;
    const store = { idleHubs: () => [] } as unknown as Store;
    const hubs = new HubDelivery(store, {
      callHub: async (_, { frames }) => {
        if (!isReachable) throw new Error("unreachable");
        heard.push(...frames);
        return { idle: false };
      },
      delivered: () => undefined,
      unreadOf: () => null,
    });
    const fanOut = new FanOut(sender, hubs, {
      redact: (emission) => [emission],
      deliveredHere: () => undefined,
    });
    fanOut.add([{ event: { type: "sync.required", conversation_id: "lost" }, to: new Set(["ann"]) }]);
    fanOut.flush();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(hubs.isIdle).toBe(false);
    isReachable = true;
    hubs.notifyLost(() => EncodedEvent.fromFull("ask"));
    await vi.advanceTimersByTimeAsync(0);
    expect(heard).toEqual(["ask"]);
    expect(hubs.isIdle).toBe(true);
  });
});
