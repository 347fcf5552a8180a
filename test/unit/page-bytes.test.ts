import { jsonBytes } from "@rocket-chat-api/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countFitting, fitting, fittingAround, sizesOf } from "../../src/domain/page-bytes.ts";

const sizes = fc.array(fc.nat(100), { maxLength: 20 });
const sum = (some: readonly number[]) => some.reduce((all, size) => all + size, 0);

describe("what fits into a page", () => {
  it("[PAGE-BYTES-1] as many of the first as fit, not one more or fewer, and at least one", () => {
    fc.assert(
      fc.property(sizes, fc.nat(300), (all, budget) => {
        const count = countFitting(all, budget);
        expect(count).toBeGreaterThanOrEqual(Math.min(1, all.length));
        if (count > 1) expect(sum(all.slice(0, count))).toBeLessThanOrEqual(budget);
        if (count < all.length) expect(sum(all.slice(0, count + 1))).toBeGreaterThan(budget);
      }),
    );
  });

  it("[PAGE-BYTES-2] around one: it is in, what is in fits, and neither neighbour would", () => {
    fc.assert(
      fc.property(sizes, fc.nat(19), fc.nat(600), (all, place, budget) => {
        fc.pre(all.length > 0);
        const centre = place % all.length;
        const { from, to } = fittingAround(all, centre, budget);
        expect(from).toBeLessThanOrEqual(centre);
        expect(to).toBeGreaterThan(centre);
        const used = sum(all.slice(from, to));
        if (to - from > 1) expect(used).toBeLessThanOrEqual(budget);
        for (const next of [all[from - 1], all[to]])
          if (next !== undefined) expect(used + next).toBeGreaterThan(budget);
      }),
    );
    expect(fittingAround([], 0, 10)).toEqual({ from: 0, to: 0 });
    // Both sides alike.
    expect(fittingAround(Array(21).fill(10), 10, 50)).toEqual({ from: 8, to: 13 });
  });

  it("[PAGE-BYTES-3] bytes are those of UTF-8, whatever the script; what surely fits is not counted exactly", () => {
    for (const text of [
      "plain",
      "é",
      "中".repeat(50),
      "😀".repeat(50),
      "\u0001".repeat(50),
      '"\\'.repeat(50),
    ]) {
      const items = [{ text }, { text }];
      expect(sizesOf(items, 0)).toEqual(items.map(jsonBytes));
      for (const [index, bound] of sizesOf(items, 1e6).entries()) {
        expect(bound).toBeGreaterThanOrEqual(jsonBytes(items[index]));
      }
    }
    const many = Array.from({ length: 10 }, () => "中".repeat(100));
    const page = fitting(many, 1_000);
    expect(page).toHaveLength(3);
    expect(fitting([], 0)).toEqual([]);
  });
});
