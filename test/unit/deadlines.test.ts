import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backoff, earliest, retryPause } from "../../src/domain/deadlines.ts";

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

  it("[TIME] alarms try again after five seconds, doubled for each failure, at most five minutes, and up to half of it less", () => {
    const [never, always] = [() => 0, () => 1];
    expect([1, 2, 3, 4, 5, 6, 7, 8].map((failures) => retryPause(failures, never))).toEqual([
      5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000,
    ]);
    expect(retryPause(5_000, never)).toBe(300_000);
    expect([1, 2, 9].map((failures) => retryPause(failures, always))).toEqual([2_500, 5_000, 150_000]);
  });
});
