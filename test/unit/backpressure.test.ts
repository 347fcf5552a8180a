import { FLOW_TRUST_PER_SECOND, FLOW_WINDOW, HEARTBEAT_MS } from "@rocket-chat-api/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  afterAck,
  afterPing,
  afterSend,
  hasRoom,
  isTooSlow,
  isUnresponsive,
  newBackpressure,
} from "../../src/realtime/backpressure.ts";

const NOW = 1_000_000;

describe("backpressure", () => {
  it("[FLOW] a client that says nothing is too slow once more than the window is on its way", () => {
    const full = afterSend(newBackpressure(NOW), FLOW_WINDOW, NOW);
    expect(isTooSlow(full)).toBe(false);
    expect(isTooSlow(afterSend(full, 1, NOW))).toBe(true);
  });

  it("[FLOW] it is trusted to take so many characters a second, however long it listens", () => {
    let flow = newBackpressure(NOW);
    for (let second = 1; second <= 3600; second++) {
      flow = afterSend(flow, FLOW_TRUST_PER_SECOND, NOW + second * 1000);
      expect(isTooSlow(flow)).toBe(false);
    }
    for (let second = 3601; second <= 3620; second++) {
      flow = afterSend(flow, 2 * FLOW_TRUST_PER_SECOND, NOW + second * 1000);
    }
    expect(isTooSlow(flow)).toBe(true);
  });

  it("[R23 FLOW-2] a ping clears what was sent before it, not what was sent after, and a window in 15 s at most", () => {
    const full = afterSend(newBackpressure(NOW), FLOW_WINDOW, NOW + 20_000);
    const cleared = afterPing(full, NOW + 20_001);
    expect(cleared.outstanding).toBe(0);
    expect(afterPing(full, NOW + 20_000).outstanding).toBe(FLOW_WINDOW);
    expect(afterPing(full, NOW).outstanding).toBe(FLOW_WINDOW);
    const again = afterSend(cleared, FLOW_WINDOW, NOW + 20_002);
    for (const at of [20_003, 25_000, 35_000]) expect(afterPing(again, NOW + at)).toBe(again);
    expect(afterPing(again, NOW + 35_001).outstanding).toBe(0);
  });

  it("[R23 FLOW-3] of one that acknowledges, only that counts: neither time nor pings clear anything", () => {
    const flow = afterSend(afterAck(newBackpressure(NOW), 0), FLOW_WINDOW, NOW);
    expect(isTooSlow(afterSend(afterPing(flow, NOW + 60_000), 1, NOW + 3_600_000))).toBe(true);
    expect(isTooSlow(afterSend(afterAck(flow, 10), 10, NOW))).toBe(false);
  });

  it("[R23 FLOW-3] what cannot have been received is not believed, and makes nobody one who acknowledges", () => {
    const flow = afterSend(newBackpressure(NOW), 3_000_000, NOW);
    for (const lie of [1e15, 5_000_000, FLOW_WINDOW, Number.MAX_SAFE_INTEGER])
      expect(afterAck(flow, lie)).toBe(flow);
    // Frames are joined with commas and brackets, which the client counts.
    expect(afterAck(flow, 3_010_000)).toMatchObject({ outstanding: 0, acknowledges: true });
    expect(afterAck(newBackpressure(NOW), 60_000)).toMatchObject({ outstanding: 0, acknowledges: true });
  });

  it("[R23 FLOW-8] a slow client that begins to acknowledge late is believed: time has lowered the estimate, not what was sent", () => {
    let flow = newBackpressure(NOW);
    for (let second = 0; second < 6; second++) flow = afterSend(flow, 700_000, NOW + second * 1_000);
    expect(flow.outstanding).toBeLessThan(2_000_000);
    expect(afterAck(flow, 4_200_000)).toMatchObject({
      outstanding: 0,
      unacknowledged: 0,
      acknowledges: true,
    });
    // In pieces too; and what is left is all that can still be on its way.
    const first = afterAck(flow, 1_000_000);
    expect(first).toMatchObject({ acknowledges: true, unacknowledged: 3_200_000 });
    expect(afterAck(first, 3_200_000)).toMatchObject({ outstanding: 0, unacknowledged: 0 });
    const cleared = afterPing(afterSend(newBackpressure(NOW), 4_000_000, NOW), NOW + 60_000);
    expect(afterAck(cleared, 4_000_000)).toMatchObject({ outstanding: 0, acknowledges: true });
  });

  it("[R23 FLOW-4] however a deaf client pings, lies and waits, what it can make wait grows no faster than the trust", () => {
    const act = fc.oneof(
      fc.record({ type: fc.constant("ping" as const) }),
      fc.record({ type: fc.constant("ack" as const), size: fc.integer({ min: 4_000_000, max: 2 ** 50 }) }),
      fc.record({ type: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 5_000 }) }),
      fc.record({ type: fc.constant("send" as const), size: fc.integer({ min: 1, max: 300_000 }) }),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 300 }), (acts) => {
        let flow = newBackpressure(NOW);
        let [now, buffered] = [NOW, 0];
        for (const one of acts) {
          if (one.type === "wait") now += one.ms;
          if (one.type === "ping") flow = afterPing(flow, now);
          if (one.type === "ack" && one.size > flow.unacknowledged * 1.1 + 65_536)
            flow = afterAck(flow, one.size);
          if (one.type !== "send") continue;
          flow = afterSend(flow, one.size, now);
          if (isTooSlow(flow)) break;
          buffered += one.size;
        }
        const seconds = (now - NOW) / 1000;
        const trusted = seconds * FLOW_TRUST_PER_SECOND + (seconds / 15) * FLOW_WINDOW;
        expect(buffered).toBeLessThanOrEqual(FLOW_WINDOW + trusted);
      }),
    );
  });

  it("[R23 FLOW-5] there is room for as much as makes nobody too slow, and for anything once all is taken", () => {
    const flow = afterSend(newBackpressure(NOW), FLOW_WINDOW / 2, NOW);
    expect(hasRoom(flow, FLOW_WINDOW / 2, NOW)).toBe(true);
    expect(hasRoom(flow, FLOW_WINDOW / 2 + 1, NOW)).toBe(false);
    expect(hasRoom(flow, FLOW_WINDOW / 2 + 1, NOW + 1_000)).toBe(true);
    expect(hasRoom(newBackpressure(NOW), 10 * FLOW_WINDOW, NOW)).toBe(true);
  });

  it("[FLOW] a clock that goes back takes nothing for received", () => {
    const full = afterSend(newBackpressure(NOW), FLOW_WINDOW, NOW);
    expect(afterSend(full, 0, NOW - 3_600_000).outstanding).toBe(FLOW_WINDOW);
  });

  it("[FLOW] a client that pinged and missed two heartbeats is unresponsive; of one that never pinged nothing is known", () => {
    expect(isUnresponsive(NOW, NOW + 2 * HEARTBEAT_MS)).toBe(false);
    expect(isUnresponsive(NOW, NOW + 2 * HEARTBEAT_MS + 1)).toBe(true);
    expect(isUnresponsive(undefined, NOW + 3_600_000)).toBe(false);
  });
});
