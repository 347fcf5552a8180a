import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LowestMarks, type Watch } from "../../src/domain/lowest-marks.ts";

/** The same, asked of each member for each message. */
function askEachMember(watches: Watch[], seq: number) {
  const there = watches.filter((watch) => watch.joined_seq <= seq);
  if (there.length === 0) return undefined;
  return {
    read: Math.min(...there.map((watch) => watch.read)),
    delivered: Math.min(...there.map((watch) => Math.max(watch.delivered, watch.read))),
  };
}

describe("the lowest watermarks of those who were there", () => {
  it("[R19 GROW-2] are those that one finds by asking each member", () => {
    const watch = fc.record({ joined_seq: fc.nat(20), read: fc.nat(20), delivered: fc.nat(20) });
    fc.assert(
      fc.property(fc.array(watch, { maxLength: 12 }), (watches) => {
        const lowest = new LowestMarks(watches);
        for (let seq = 0; seq <= 21; seq++) {
          const found = lowest.of(seq);
          const marks = found && { read: found.read, delivered: found.delivered };
          expect(marks).toEqual(askEachMember(watches, seq));
        }
      }),
    );
  });
});
