import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backoff, earliest } from "../../src/domain/deadlines.ts";

describe("deadlines", () => {
  it("[TIME] the earliest of the times that are set", () => {
    expect(earliest()).toBeUndefined();
    expect(earliest(undefined, undefined)).toBeUndefined();
    expect(earliest(5, undefined, 3, 9)).toBe(3);
    expect(earliest(0, 1)).toBe(0);
    const times = fc.array(fc.option(fc.nat(), { nil: undefined }));
    fc.assert(
      fc.property(times, (all) => {
        const set = all.filter((time) => time !== undefined);
        expect(earliest(...all)).toBe(set.length === 0 ? undefined : Math.min(...set));
      }),
    );
  });

  it("[TIME] a second, doubled for each failure, at most a minute", () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8].map(backoff)).toEqual([
      1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000,
    ]);
    expect(backoff(5000)).toBe(60_000);
  });
});
