import { describe, expect, it } from "vitest";
import {
  afterFlush,
  deliveryInterval,
  newFlushBudget,
  receiptInterval,
} from "../../src/conversation/receipts/pacing.ts";

describe("how often receipts are told (rule 19)", () => {
  it("a direct chat tells them at once, a group at most each 250 ms, a large one pushes none", () => {
    expect(receiptInterval("direct", 2)).toBe(0);
    expect(receiptInterval("group", 5)).toBe(250);
    expect(receiptInterval("group", 100)).toBe(2_500);
    expect(receiptInterval("group", 101)).toBe(10_000);
  });

  it("a message now and then is told delivered after the shortest pause", () => {
    let budget = newFlushBudget(0);
    for (let now = 0; now < 600_000; now += 6_000) {
      expect(deliveryInterval(250, budget, now)).toBe(250);
      budget = afterFlush(budget, 250, 2, now);
    }
  });

  it.each([
    { changes: 5, seconds: 5 },
    { changes: 50, seconds: 10 },
  ])(
    "where messages follow each other, five flushes are prompt and then there is one each $seconds seconds, if $changes changes lie between two",
    ({ changes, seconds }) => {
      let budget = newFlushBudget(0);
      let now = 0;
      const pauses: number[] = [];
      for (let flush = 0; flush < 12; flush++) {
        const pause = deliveryInterval(250, budget, now);
        pauses.push(pause);
        now += pause;
        budget = afterFlush(budget, 250, flush < 5 ? 1 : changes, now);
      }
      expect(pauses.slice(0, 5)).toEqual([250, 250, 250, 250, 250]);
      const steady = pauses.slice(7);
      expect(steady.every((pause) => pause > seconds * 980 && pause <= seconds * 1_000)).toBe(true);
      expect(deliveryInterval(250, budget, now + 60_000)).toBe(250);
    },
  );

  it("a direct chat has no pause however much is said", () => {
    const spent = { flushes: 0, at: 0 };
    expect(deliveryInterval(0, spent, 0)).toBe(0);
  });

  it("a clock that jumps back takes nothing away", () => {
    const budget = afterFlush(newFlushBudget(1_000_000), 250, 1, 1_000_000);
    expect(deliveryInterval(250, budget, 0)).toBe(250);
  });
});
