import { describe, expect, it, vi } from "vitest";
import { HandOver } from "../../src/conversation/delivery/hand-over.ts";
import { COLD_CALLS } from "../../src/conversation/delivery/hub-admission.ts";
import { HubDelivery } from "../../src/conversation/delivery/hub-delivery.ts";
import { found } from "../../src/domain/outcome.ts";
import { EncodedEvent } from "../../src/realtime/encoded-event.ts";

const BATCH = {
  events: [EncodedEvent.of({ type: "pong" })],
  seqs: [1],
  newest: { last: { seq: 1, sender_id: "somebody" }, other: undefined },
};

/** The delivery of a conversation whose hubs never answer. */
function delivery() {
  const called: string[] = [];
  const rows = { idleHubs: () => [], addIdleHub: () => undefined, removeIdleHub: () => undefined };
  const hubs = new HubDelivery(rows, {
    callHub: async (userId) => {
      called.push(userId);
      return await new Promise(() => undefined);
    },
    delivered: () => undefined,
    unreadOf: () => null,
  });
  return { hubs, called };
}

describe("the place of a batch", () => {
  it("[ORDER-12] says whether one before it may be on its way with an answer: until a call has been answered", () => {
    const handOver = new HandOver();
    const follows = (by: "call" | "answer") => handOver.of("ann", BATCH, by).place.follows_call;
    expect([follows("call"), follows("answer"), follows("answer")]).toEqual([true, true, false]);
    // A call that fails is tried again: it says nothing of the answer.
    expect([follows("call"), follows("call")]).toEqual([false, false]);
    handOver.answered("ann", { idle: false });
    expect([follows("answer"), follows("call")]).toEqual([true, false]);
  });
});

describe("a hub that sends a command", () => {
  it("[ORDER-10] waits for no others that may be asleep: what is meant for it goes out at once", async () => {
    const { hubs, called } = delivery();
    const members = Array.from({ length: COLD_CALLS + 50 }, (_, i) => `member-${i}`);
    const last = members.at(-1) ?? "";
    hubs.deliver(new Set(members), BATCH);
    hubs.callNow();
    expect(called).toHaveLength(COLD_CALLS);
    const { outcome } = await hubs.answering(last, { operation: "sendMessage" }, async (reply) => {
      reply();
      return found(null);
    });
    expect(outcome.ok).toBe(true);
    await vi.waitFor(() => expect(called).toContain(last));
    expect(called).toHaveLength(COLD_CALLS + 1);
  });
});
