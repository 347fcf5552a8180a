import { describe, expect, it } from "vitest";
import { codeOf } from "../../src/domain/outage.ts";

/** An error with these properties, as the platform makes them. */
function error(message: string, properties: object = {}, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), properties);
}

describe("what a failure is", () => {
  it("[R5 OUTAGE-1] an outage, by what the platform marks it with or says of it", () => {
    const outages = [
      error("anything", { retryable: true }),
      error("anything", { overloaded: true, retryable: false }),
      error("anything", { durableObjectReset: true }),
      error("D1_ERROR: Network connection lost."),
      error("D1_EXEC_ERROR: near line 1"),
      error("D1 DB is overloaded. Requests queued for too long."),
      error("D1 DB storage operation exceeded timeout which caused object to be reset."),
      error("database is locked: SQLITE_BUSY"),
      error("disk I/O error: SQLITE_IOERR"),
      error("Durable Object reset because its code was updated."),
      error("Durable Object storage is no longer accessible."),
      error("Actor evicted by test"),
      error("Network connection lost."),
      error("internal error; reference = abc"),
      error("put: We encountered an internal error. Please try again. (10001)"),
    ];
    for (const outage of outages) expect([outage.message, codeOf(outage)]).toContain("SERVICE_UNAVAILABLE");
  });

  it("[R5 OUTAGE-1] also far inside, and behind a statement that is longer than a line of the log", () => {
    const query = { query: `SELECT ${"x, ".repeat(1_000)}`, params: ["a word"] };
    const failed = error(`Failed query: ${query.query}`, query, error("fetch"));
    expect(codeOf(failed)).toBe("SERVICE_UNAVAILABLE");
    expect(codeOf(error("outer", {}, error("inner", {}, error("SQLITE_LOCKED"))))).toBe(
      "SERVICE_UNAVAILABLE",
    );
  });

  it("[R5 OUTAGE-1] a bug is none, whatever is thrown", () => {
    const looped = error("round and round");
    looped.cause = looped;
    const bugs = [
      new TypeError("undefined is not a function"),
      error("SQLITE_CONSTRAINT: UNIQUE constraint failed"),
      error("no such table: SQLITE_ERROR"),
      looped,
      "a text",
      undefined,
      null,
      { message: 7, cause: "D1_ERROR" },
    ];
    for (const bug of bugs) expect(codeOf(bug)).toBe("INTERNAL_ERROR");
  });
});
