import { FRAME_BURST, FRAMES_PER_SECOND } from "@rocket-chat-api/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fullBucket, isCostlyRequest, takeFrame } from "../../src/domain/rate.ts";

const NOW = 1_000_000;

/** How many frames pass that come at these times. */
function passed(times: number[]): number {
  let bucket = fullBucket(NOW);
  let count = 0;
  for (const time of times) {
    const taken = takeFrame(bucket, time);
    bucket = taken.bucket;
    if (taken.isTaken) count += 1;
  }
  return count;
}

describe("the bucket of a socket's frames", () => {
  it("[R24 BUCKET-1] a burst at once, then so many a second", () => {
    const burst = Array<number>(FRAME_BURST + 50).fill(NOW);
    expect(passed(burst)).toBe(FRAME_BURST);
    const second = Array<number>(FRAMES_PER_SECOND + 50).fill(NOW + 1000);
    expect(passed([...burst, ...second])).toBe(FRAME_BURST + FRAMES_PER_SECOND);
  });

  it("[R24 BUCKET-1] who stays below the rate is never refused; a pause fills no more than a burst", () => {
    const hour = Array.from(
      { length: FRAMES_PER_SECOND * 60 },
      (_, i) => NOW + (i * 1000) / FRAMES_PER_SECOND,
    );
    expect(passed(hour)).toBe(hour.length);
    expect(passed(Array<number>(1_000).fill(NOW + 86_400_000))).toBe(FRAME_BURST);
  });

  it("[R24 BUCKET-2] whatever comes when, also as the clock goes back, no more than the bound passes", () => {
    const steps = fc.array(fc.integer({ min: -1_000, max: 1_000 }), { maxLength: 500 });
    fc.assert(
      fc.property(steps, (pauses) => {
        let [time, forward] = [NOW, 0];
        const times = pauses.map((pause) => {
          time += pause;
          forward += Math.max(0, pause);
          return time;
        });
        expect(passed(times)).toBeLessThanOrEqual(FRAME_BURST + (forward / 1000) * FRAMES_PER_SECOND + 1);
      }),
    );
  });
});

describe("what may only be carried out if it could be counted", () => {
  it("[R24 LIMIT-24] a search is costly also for who asks for its headers alone", () => {
    const paths = ["/api/v1/search/messages", "/api/v1/sync"];
    for (const path of paths) {
      expect(["GET", "HEAD"].map((method) => isCostlyRequest(method, path))).toEqual([true, true]);
    }
    expect(isCostlyRequest("HEAD", "/api/v1/users/me")).toBe(false);
  });
});
