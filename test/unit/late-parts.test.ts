/** Parts of a job that have failed (rule 28). */
import { describe, expect, it } from "vitest";
import {
  duePartsOf,
  isFull,
  type LatePart,
  latePartsOf,
  MAX_LATE,
  withFailure,
  withoutPart,
} from "../../src/domain/late-parts.ts";
import { within } from "../../src/realtime/within.ts";

const MINUTE = 60_000;

describe("parts of a job that are late", () => {
  it("[R28 KEEP-50] the pause grows with each failure, to an hour, and begins anew after a success", () => {
    const pauses: number[] = [];
    let late: LatePart[] = [];
    for (let i = 0; i < 10; i++) {
      late = withFailure(late, "one", i, 1_000);
      expect(late).toMatchObject([{ part: "one", from: i, failures: i + 1 }]);
      pauses.push(((late[0]?.due_at ?? 0) - 1_000) / MINUTE);
    }
    expect(pauses).toEqual([0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
    expect(withFailure(withoutPart(late, "one"), "one", 0, 1_000)).toMatchObject([
      { failures: 1, due_at: 1_000 },
    ]);
  });

  it("[R28 KEEP-51] a run tries what was due before it began, longest due first, and nothing twice", () => {
    let late: LatePart[] = [];
    for (const [part, at] of [
      ["b", 20],
      ["a", 10],
      ["c", 30],
    ] as const)
      late = withFailure(late, part, 0, at);
    expect(duePartsOf(late, 30).map(({ part }) => part)).toEqual(["a", "b"]);
    // It fails once more in the millisecond in which the run began: not due for this run.
    expect(duePartsOf(withFailure([], "a", 0, 30), 30)).toEqual([]);
    expect(isFull(late)).toBe(false);
    expect(isFull(Array.from({ length: MAX_LATE }, () => late[0] as LatePart))).toBe(true);
  });

  it("[R28 KEEP-52] a cursor tells what has failed; one of an older release, or of a part that only goes on, nothing", () => {
    const late = withFailure([], "one", 3, 5);
    const goesOn = { part: "two", from: 2, failures: 0, due_at: 0 };
    expect(latePartsOf(JSON.stringify({ round: 1, late: [...late, goesOn] }))).toEqual(late);
    for (const cursor of [
      null,
      "",
      "0f000000-0000-8000-8000-000000000000",
      '{"conversation_id":""}',
      "no JSON",
    ])
      expect(latePartsOf(cursor)).toEqual([]);
  });

  it("[R28 KEEP-53] what does not answer has failed after a time", async () => {
    await expect(within(new Promise(() => undefined), 5)).rejects.toThrow("timed out");
    expect(await within(Promise.resolve("in time"), 1_000)).toBe("in time");
  });
});
