import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planResume } from "../../src/conversation/delivery/plan-resume.ts";
import { type BlockWord, weigh } from "../../src/domain/blocks.ts";

describe("words about a block (rule 29)", () => {
  it("[R29 BLOCK-19] in whatever order they come, and however often, the newest one holds", () => {
    const words = fc.array(fc.record({ version: fc.nat({ max: 9 }), blocks: fc.boolean() }), {
      minLength: 1,
    });
    fc.assert(
      fc.property(words, (told) => {
        // One version says one thing.
        const said = new Map(told.map(({ version, blocks }) => [version, blocks]));
        let known: Pick<BlockWord, "is_blocked" | "version"> | undefined;
        for (const { version } of [...told, ...told]) {
          const word = { blocker_id: "a", blocked_id: "b", version, is_blocked: said.get(version) ?? false };
          const before = known?.is_blocked ?? false;
          const outcome = weigh(known, word);
          if (outcome !== "stale") known = word;
          expect(outcome === "changed").toBe((known?.is_blocked ?? false) !== before);
        }
        const newest = Math.max(...said.keys());
        expect(known).toMatchObject({ version: newest, is_blocked: said.get(newest) });
      }),
    );
  });
});

describe("where a resume begins again (rules 21 and 29)", () => {
  it("[R21 R29 BLOCK-21] at or before the place of the last change of blocks, if the client has anything", () => {
    const plan = (since: number, blocksSeq: number | null, joinedSeq = 1) =>
      planResume({ since, head: 10, joinedSeq, blocksSeq, forgotten: [] });
    expect([0, 1, 5, 6, 10].map((since) => plan(since, 5))).toEqual([
      ...["changes", "reset", "reset", "changes", "changes"],
    ]);
    expect([1, 10].map((since) => plan(since, null))).toEqual(["changes", "changes"]);
    expect(plan(3, 5, 4)).toBe("limited");
    expect(plan(11, 5)).toBe("future");
  });
});
