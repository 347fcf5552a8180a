/** How changes are cut into batches where many share a position. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wholePositions } from "../../src/conversation/state/missed.ts";

const at = (...positions: number[]) => positions.map((position) => ({ position }));

describe("batches of changes", () => {
  it("[RANGE-1] a batch ends before what it would cut in two, and takes it whole if it comes first", () => {
    expect(wholePositions(at(1, 2, 3, 4), 3)).toEqual(at(1, 2, 3));
    expect(wholePositions(at(1, 2, 3, 3, 3), 3)).toEqual(at(1, 2));
    expect(wholePositions(at(3, 3, 3, 3, 5), 2)).toEqual(at(3, 3, 3, 3));
    expect(wholePositions(at(1, 2), 5)).toEqual(at(1, 2));
  });

  it("[RANGE-1] whatever the positions: going on from the last position of each batch, a reader gets everything once", () => {
    const positions = fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 60 });
    fc.assert(
      fc.property(positions, fc.integer({ min: 1, max: 10 }), (some, count) => {
        const sorted = at(...some.sort((a, b) => a - b));
        const read: { position: number }[] = [];
        for (let left = sorted; left.length > 0; ) {
          const batch = wholePositions(left, count);
          expect(batch.length).toBeGreaterThan(0);
          read.push(...batch);
          left = sorted.filter(({ position }) => position > (batch.at(-1)?.position ?? 0));
        }
        expect(read).toEqual(sorted);
      }),
    );
  });
});
