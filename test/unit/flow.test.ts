import { describe, expect, it } from "vitest";
import { afterAck, afterSend, afterSign, isGone, isTooSlow, newFlow } from "../../src/domain/flow.ts";
import { FLOW_TRUST_PER_SECOND, FLOW_WINDOW, HEARTBEAT_MS } from "../../src/protocol/index.ts";

const NOW = 1_000_000;

describe("flow", () => {
  it("[FLOW] a client that says nothing is too slow once more than the window is on its way", () => {
    const full = afterSend(newFlow(NOW), FLOW_WINDOW, NOW);
    expect(isTooSlow(full)).toBe(false);
    expect(isTooSlow(afterSend(full, 1, NOW))).toBe(true);
  });

  it("[FLOW] it is trusted to take so many characters a second, however long it listens", () => {
    let flow = newFlow(NOW);
    for (let second = 1; second <= 3600; second++) {
      flow = afterSend(flow, FLOW_TRUST_PER_SECOND, NOW + second * 1000);
      expect(isTooSlow(flow)).toBe(false);
    }
    for (let second = 3601; second <= 3620; second++) {
      flow = afterSend(flow, 2 * FLOW_TRUST_PER_SECOND, NOW + second * 1000);
    }
    expect(isTooSlow(flow)).toBe(true);
  });

  it("[FLOW] a sign of life clears what was sent before it", () => {
    const full = afterSend(newFlow(NOW), FLOW_WINDOW, NOW);
    const alive = afterSign(full, NOW + 1);
    expect(isTooSlow(afterSend(alive, FLOW_WINDOW, NOW + 1))).toBe(false);
  });

  it("[FLOW] of one that acknowledges, only that counts: neither time nor other frames clear anything", () => {
    const flow = afterSend(afterAck(newFlow(NOW), 0), FLOW_WINDOW, NOW);
    expect(isTooSlow(afterSend(afterSign(flow, NOW + 1), 1, NOW + 3_600_000))).toBe(true);
    expect(isTooSlow(afterSend(afterAck(flow, 10), 10, NOW))).toBe(false);
  });

  it("[FLOW] a clock that goes back takes nothing for received", () => {
    const full = afterSend(newFlow(NOW), FLOW_WINDOW, NOW);
    expect(afterSend(full, 0, NOW - 3_600_000).outstanding).toBe(FLOW_WINDOW);
  });

  it("[FLOW] who pinged and has missed two heartbeats is gone; of who never pinged nothing is known", () => {
    expect(isGone(NOW, NOW + 2 * HEARTBEAT_MS)).toBe(false);
    expect(isGone(NOW, NOW + 2 * HEARTBEAT_MS + 1)).toBe(true);
    expect(isGone(undefined, NOW + 3_600_000)).toBe(false);
  });
});
