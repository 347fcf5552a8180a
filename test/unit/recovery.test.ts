import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planResume } from "../../src/conversation/delivery/plan-resume.ts";
import { movedIn } from "../../src/domain/moved-places.ts";
import {
  checkRecovery,
  endedBlocks,
  type ForgottenRange,
  forgottenUpTo,
  isForgotten,
  joinRanges,
  RECOVERABLE_MS,
} from "../../src/domain/recovery.ts";

const ranges = fc
  .array(fc.tuple(fc.nat(200), fc.integer({ min: 1, max: 60 })), { maxLength: 6 })
  .map((pairs) => pairs.map(([after, length]): ForgottenRange => ({ after, up_to: after + length })));

describe("forgotten numbers (rule 21)", () => {
  it("[RECALL-2] a client at one of them begins again for good; before and after it gets what has changed", () => {
    const forgotten = [
      { after: 10, up_to: 20 },
      { after: 30, up_to: 35 },
    ];
    const plan = (since: number, head = 50) =>
      planResume({ since, head, joinedSeq: 1, blocksSeq: null, forgotten });
    expect([0, 10, 11, 20, 21, 30, 31, 35, 36].map((since) => plan(since))).toEqual([
      ...["changes", "changes", "forgotten", "forgotten", "changes", "changes", "forgotten", "forgotten"],
      "changes",
    ]);
    expect(plan(20, 1_000_000)).toBe("forgotten");
    expect(plan(51)).toBe("future");
    // Whoever was a member only before that gets what every earlier member gets.
    expect(planResume({ since: 25, head: 50, joinedSeq: 40, blocksSeq: null, forgotten })).toBe("limited");
  });

  it("[RECALL-3] the ranges of several recoveries, joined in any order, forget the same numbers", () => {
    fc.assert(
      fc.property(ranges, ranges, (some, others) => {
        const joined = joinRanges(some, others);
        expect(joinRanges(others, some)).toEqual(joined);
        for (let seq = 0; seq <= 300; seq++) {
          expect(isForgotten(joined, seq)).toBe(isForgotten([...some, ...others], seq));
        }
        for (const [i, range] of joined.entries()) {
          expect(range.after).toBeGreaterThan(joined[i - 1]?.up_to ?? -1);
        }
        expect(forgottenUpTo(joined)).toBe(forgottenUpTo([...some, ...others]));
      }),
    );
  });
});

describe("where a conversation can go back to", () => {
  it("[RECALL-4] neither to come, nor too long ago, nor before it began", () => {
    const now = 100 * RECOVERABLE_MS;
    const check = (to: number, created_at = 0) => checkRecovery(to, created_at, now)?.code;
    expect([now + 1, now - RECOVERABLE_MS - 1].map((to) => check(to))).toEqual([
      "VALIDATION_ERROR",
      "VALIDATION_ERROR",
    ]);
    expect([now, now - RECOVERABLE_MS].map((to) => check(to))).toEqual([undefined, undefined]);
    expect([check(now - 10, now - 9), check(now - 10, now - 10)]).toEqual(["VALIDATION_ERROR", undefined]);
  });
});

describe("what was said before the recovery was made whole", () => {
  const ID = "0191a3c2-7b1f-8a9e-9594-000000000000";
  const range = { after: 10, up_to: 1_000 };

  it("[RECALL-5] moves in JSON: places and ids of messages above the range's beginning, and nothing else", () => {
    const kept = {
      seq: 11,
      at_seq: 10,
      no: 11,
      at: 500,
      nested: [{ reply_to_seq: 12, message_id: `${ID.slice(0, 24)}00000000000c` }],
      text: "11",
      other: "0191a3c2-7b1f-8a9e-9595-00000000000c",
      nothing: null,
    };
    expect(movedIn(kept, ID, range)).toEqual({
      ...kept,
      seq: 1_001,
      nested: [{ reply_to_seq: 1_002, message_id: `${ID.slice(0, 24)}0000000003ea` }],
    });
  });
});

describe("blocks after a recovery", () => {
  it("[RECALL-7] one that has ended since ends again, below the hub's next word", () => {
    const word = (blocked_id: string, version: number) => ({
      blocker_id: "a",
      blocked_id,
      version,
      is_blocked: true,
    });
    expect(endedBlocks([word("b", 3), word("c", 4)], [word("c", 9)])).toEqual([
      { blocker_id: "a", blocked_id: "b", version: 4, is_blocked: false },
    ]);
  });
});
