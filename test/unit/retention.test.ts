/** How long messages are kept: the decisions. */
import { MAX_EVENT_MESSAGES, MAX_EVENT_RANGES } from "@rocket-chat-api/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chooseGoing, daysKept, goesAt, keptSince, RETENTION_SLACK_MS } from "../../src/domain/retention.ts";
import { limitsOf } from "../../src/settings.ts";

const DAY = 86_400_000;
const row = (seq: number, isDeleted = false) => ({ seq, isDeleted });

describe("how long", () => {
  it("[R10 RETAIN-1] the shorter of the deployment's days and the conversation's own; without either, for ever", () => {
    expect(daysKept(undefined, null)).toBeUndefined();
    expect(daysKept(30, null)).toBe(30);
    expect(daysKept(undefined, 7)).toBe(7);
    expect(daysKept(30, 7)).toBe(7);
    expect(daysKept(30, 90)).toBe(30);
  });

  it("[R10 RETAIN-2] a message goes within the hour after its days, never before", () => {
    const said = 1_700_000_000_000;
    const at = goesAt(said, 30);
    expect(at).toBe(said + 30 * DAY + RETENTION_SLACK_MS);
    expect(keptSince(30, at)).toBeGreaterThan(said);
    expect(keptSince(30, said + 30 * DAY)).toBe(said);
  });

  it("[R10 RETAIN-3] a setting that is no number of days deletes nothing", () => {
    for (const text of [undefined, "", " ", "0", "-1", "1.5", "x", "3651", "1e9", "Infinity"]) {
      const env = text === undefined ? {} : { MESSAGE_RETENTION_DAYS: text };
      expect([text, limitsOf(env).retentionDays]).toEqual([text, undefined]);
    }
    expect(limitsOf({ MESSAGE_RETENTION_DAYS: "365" }).retentionDays).toBe(365);
  });
});

describe("what goes in one turn", () => {
  it("[R10 RETAIN-4] ranges end before what stays, and before what was deleted already", () => {
    const old = [row(1), row(2), row(4), row(5, true), row(7), row(8), row(9)];
    expect(chooseGoing(old, (seq) => seq === 8)).toEqual({
      seqs: [1, 2, 4, 7, 9],
      ranges: [
        { from_seq: 1, to_seq: 4 },
        { from_seq: 7, to_seq: 7 },
        { from_seq: 9, to_seq: 9 },
      ],
      kept: [8],
      upTo: 9,
    });
    expect(chooseGoing([], () => false)).toEqual({ seqs: [], ranges: [], kept: [], upTo: 0 });
  });

  it("[R10 RETAIN-5] any history goes turn by turn: each message once, within the limits of an event", () => {
    const rows = fc.array(fc.record({ isDeleted: fc.boolean(), isKept: fc.boolean() }), { maxLength: 3_000 });
    fc.assert(
      fc.property(rows, fc.boolean(), (flags, isDense) => {
        const all = flags.map(({ isDeleted }, i) => row(i + 1, isDeleted && !isDense));
        const isKept = (seq: number) => !isDense && flags[seq - 1]?.isKept === true;
        const gone: number[] = [];
        const kept: number[] = [];
        for (let rest = all; rest.length > 0; ) {
          const going = chooseGoing(rest, isKept);
          expect(going.upTo).toBeGreaterThanOrEqual(rest[0]?.seq ?? 0);
          expect(going.seqs.length).toBeLessThanOrEqual(MAX_EVENT_MESSAGES);
          expect(going.ranges.length).toBeLessThanOrEqual(MAX_EVENT_RANGES);
          const within = all.filter(({ seq }) =>
            going.ranges.some(({ from_seq, to_seq }) => seq >= from_seq && seq <= to_seq),
          );
          expect(within.map(({ seq }) => seq)).toEqual(going.seqs);
          gone.push(...going.seqs);
          kept.push(...going.kept);
          rest = rest.filter(({ seq }) => seq > going.upTo);
        }
        const alive = all.filter(({ isDeleted }) => !isDeleted).map(({ seq }) => seq);
        expect(gone).toEqual(alive.filter((seq) => !isKept(seq)));
        expect(kept).toEqual(alive.filter(isKept));
      }),
      { numRuns: 50 },
    );
  });
});
