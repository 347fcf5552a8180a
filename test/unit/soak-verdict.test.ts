import { describe, expect, it } from "vitest";
import { FLAT, type MemorySample, verdictOf } from "../server/soak-verdict.ts";

/** Half an hour, a look each minute. @param memory by the minute. */
function samples(memory: (minute: number) => number): MemorySample[] {
  return Array.from({ length: 30 }, (_, i) => ({ at: (i + 1) * 60, memory: memory(i + 1) }));
}

/** Looks at a service at rest differ a little: timers run, and a batch may be on its way. */
const noise = (minute: number) => 0.3 * Math.sin(minute * 7);

describe("whether memory has stayed where it was", () => {
  it("[SOAK-1] it may rise in the first third, in which everything is filled that has a limit", () => {
    const filling = samples((minute) => 70 + 50 * (1 - Math.exp(-minute / 2)) + noise(minute));
    expect(verdictOf(filling)).toMatchObject({ isFlat: true });
    expect(verdictOf(filling).last).toBeCloseTo(120, -1);
  });

  it("[SOAK-1] what goes on rising is not flat, however slowly it does", () => {
    const leak = (perHour: number) => samples((minute) => 120 + (minute / 60) * perHour + noise(minute));
    expect(verdictOf(leak(2 * FLAT.slope))).toMatchObject({ isFlat: false });
    expect(verdictOf(leak(60)).slope).toBeCloseTo(60, -1);
    // As it was while each message cleared a timer: 1.6 MiB a minute.
    expect(verdictOf(leak(1.6 * 60)).isFlat).toBe(false);
  });

  it("[SOAK-1] a step between the second third and the last is not flat, though nothing rises after it", () => {
    const step = samples((minute) => (minute < 20 ? 120 : 120 + 2 * FLAT.rise) + noise(minute));
    expect(verdictOf(step)).toMatchObject({ isFlat: false, second: expect.closeTo(120, -1) });
  });

  it("[SOAK-1] memory that falls is flat", () => {
    expect(verdictOf(samples((minute) => 200 - minute)).isFlat).toBe(true);
  });
});
