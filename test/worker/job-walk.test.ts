import { describe, expect, it } from "vitest";
import { Parts, Walk } from "../../src/job-walk.ts";

describe("a part that is done out of turn", () => {
  it("[KEEP-55] is left to the next run, and not lost, where this one has done enough", async () => {
    const parts = new Parts({ IDENTITY_SECRET: "secret" }, { job_id: "job", kind: "erase_user" }, []);
    const done: string[] = [];
    const work = {
      next: async () => undefined,
      step: async (part: string) => {
        done.push(part);
        return { next: null, found: undefined };
      },
      note: async () => undefined,
      isTired: () => done.length >= 1,
    };
    const walk = new Walk(work, parts, { part: "", from: null });
    for (const part of ["exports:one", "exports:two"]) await walk.visitOrPutOff(part);
    expect(done).toEqual(["exports:one"]);
    expect(parts.late).toMatchObject([{ part: "exports:two", from: 0, failures: 0 }]);
    expect(parts.state).toBe("late");
  });
});
