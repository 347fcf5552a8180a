import { describe, expect, it, vi } from "vitest";
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
  });
  return { hubs, called };
}

describe("a hub that sends a command", () => {
  it("[ORDER-10] waits for no others that may be asleep: what is meant for it goes out at once", async () => {
    const { hubs, called } = delivery();
    const members = Array.from({ length: COLD_CALLS + 50 }, (_, i) => `member-${i}`);
    const last = members.at(-1) ?? "";
    hubs.deliver(new Set(members), BATCH);
    hubs.callNow();
    expect(called).toHaveLength(COLD_CALLS);
    const { outcome } = await hubs.answering(last, async (reply) => {
      reply();
      return found(null);
    });
    expect(outcome.ok).toBe(true);
    await vi.waitFor(() => expect(called).toContain(last));
    expect(called).toHaveLength(COLD_CALLS + 1);
  });
});
