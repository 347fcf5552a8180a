import { QUOTAS } from "@rocket-chat-api/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Quota, type Spent, spend } from "../../src/domain/quota.ts";

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Takes one after another, as much as is allowed. @returns when each was taken or refused, and why. */
function takeAll(budget: Quota, times: number[], amount = 1): (number | undefined)[] {
  let spent: Spent = {};
  return times.map((now) => {
    const result = spend(spent, { [budget]: amount }, now);
    if ("refused" in result) return result.refused.retry_after;
    spent = result.spent;
    return undefined;
  });
}

describe("budgets by the day", () => {
  it("[R24 QUOTA-1] ten conversations a minute; the next when the minute is over", () => {
    const times = Array.from({ length: 12 }, (_, i) => NOW + i * 1000);
    expect(takeAll("create", times)).toEqual([...Array(10).fill(undefined), 50, 49]);
    expect(takeAll("create", [...times.slice(0, 10), NOW + MINUTE - 1, NOW + MINUTE])).toEqual([
      ...Array(10).fill(undefined),
      1,
      undefined,
    ]);
  });

  it("[R24 QUOTA-1] two hundred a day, however they are spread; the next when the day is over", () => {
    const times = Array.from({ length: 201 }, (_, i) => NOW + i * 7 * MINUTE);
    const taken = takeAll("create", times);
    expect(taken.slice(0, 200)).toEqual(Array(200).fill(undefined));
    expect(taken[200]).toBe((DAY - 200 * 7 * MINUTE) / 1000);
    expect(takeAll("create", [...times.slice(0, 200), NOW + DAY]).at(-1)).toBeUndefined();
  });

  it("[R24 QUOTA-1] people count each for themselves; more at once than a day allows are never within it", () => {
    expect(takeAll("invite", [NOW, NOW, NOW], 250)).toEqual([undefined, undefined, DAY / 1000]);
    expect(takeAll("invite", [NOW], 501)).toEqual([DAY / 1000]);
  });

  it("[R24 QUOTA-2] of several budgets all are taken, or none", () => {
    const full = spend({}, { create: 1, invite: 500 }, NOW);
    const { spent } = full as { spent: Spent };
    expect(spend(spent, { create: 1, invite: 1 }, NOW)).toEqual({
      refused: { budget: "invite", limit: 500, period: 86_400, retry_after: 86_400 },
    });
    expect(spent.create?.[0]?.used).toBe(1);
    expect(spend(spent, { create: 1, invite: 0 }, NOW)).toMatchObject({
      spent: { create: [{ used: 2 }, { used: 2 }] },
    });
  });

  it("[R24 QUOTA-2] a clock that was set back ends no budget and makes no period longer", () => {
    const { spent } = spend({}, { invite: 500 }, NOW) as { spent: Spent };
    expect(spend(spent, { invite: 500 }, NOW - DAY)).toMatchObject({
      spent: { invite: [{ since: NOW - DAY }] },
    });
  });

  it("[R24 QUOTA-2] in any order of times, no more is taken in a period than its limit, and waiting helps", () => {
    const steps = fc.array(fc.record({ wait: fc.nat(DAY / 3), amount: fc.integer({ min: 0, max: 300 }) }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, (all) => {
        let spent: Spent = {};
        let now = NOW;
        for (const { wait, amount } of all) {
          now += wait;
          const result = spend(spent, { invite: amount }, now);
          if ("refused" in result) {
            const later = spend(spent, { invite: amount }, now + result.refused.retry_after * 1000);
            expect("spent" in later).toBe(amount <= QUOTAS.invite[0].limit);
          } else spent = result.spent;
          expect(spent.invite?.[0]?.used ?? 0).toBeLessThanOrEqual(QUOTAS.invite[0].limit);
        }
      }),
    );
  });
});
