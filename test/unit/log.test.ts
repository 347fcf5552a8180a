import { readdirSync, readFileSync } from "node:fs";
import { DrizzleQueryError } from "drizzle-orm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WITHOUT_TRACES } from "../../scripts/serve.ts";
import { errorFields } from "../../src/log.ts";

const CANARY = "Zoë Canary";

/** An error that somebody's words have come into. */
function holding(error: unknown): string {
  return JSON.stringify(errorFields(error));
}

describe("what a log says of an error", () => {
  it("[LOG-1] a failed query is named with its cause, without its statement and its parameters", () => {
    const cause = new Error(`D1_ERROR: near "${CANARY}": syntax error at offset 7: SQLITE_ERROR`);
    const error = new DrizzleQueryError(
      "insert into users values (?)",
      [CANARY, "https://a.example/b.png"],
      cause,
    );
    expect(errorFields(error)).toEqual({
      error: "DrizzleQueryError < Error",
      reason: "d1_error, sqlite_error",
      stack: expect.arrayContaining([expect.stringMatching(/^at /)]),
    });
    expect(holding(error)).not.toMatch(/Canary|insert|example/);
  });

  it("[LOG-1] nothing of any message is told, whatever it looks like", () => {
    const parse = () => JSON.parse(`{"name": ${CANARY}}`);
    const messages = [
      CANARY,
      `x\n    at ${CANARY} (file.js:1:1)`,
      `SQLITE_BUSY_${CANARY}`,
      `D1_ERROR_${CANARY}`,
      `overloaded ${CANARY} timed out`,
      "",
    ];
    const errors = [
      ...messages.map((message) => new Error(message)),
      ...messages.map((m) => new TypeError(m)),
    ];
    try {
      parse();
    } catch (error) {
      errors.push(error as Error);
    }
    for (const error of errors) {
      expect(holding(error)).not.toContain("Canary");
      expect(errorFields(error).stack?.length).toBeLessThanOrEqual(5);
    }
    fc.assert(
      fc.property(fc.string({ minLength: 4 }), (text) => {
        const unique = `<${text}>`;
        expect(
          errorFields(new Error(`a ${unique} b`, { cause: new Error(unique) })).reason ?? "",
        ).not.toContain("<");
        expect(errorFields(new Error(`a\n    at ${unique}`)).stack?.join() ?? "").not.toContain(unique);
      }),
    );
  });

  it("[LOG-1] names are names of classes, reasons are the platform's words", () => {
    class Named extends Error {
      override readonly name: string = "Named";
    }
    const forged = new Named("x");
    Object.assign(forged, { name: `Error: ${CANARY}` });
    expect(errorFields(forged).error).toBe("Error");
    expect(errorFields(new Named("x")).error).toBe("Named");
    expect(errorFields(new RangeError("x")).error).toBe("RangeError");
    for (const [message, reason] of [
      ["D1_ERROR: Network connection lost.", "d1_error, network connection lost"],
      ["database is locked: SQLITE_BUSY", "sqlite_busy, database is locked"],
      ["Durable Object is overloaded. Too many requests queued.", "overloaded"],
      ["too big: SQLITE_TOOBIG", "sqlite_toobig"],
      ["nothing known", undefined],
    ]) {
      expect(errorFields(new Error(message)).reason).toBe(reason);
    }
  });

  it("[LOG-1] what is no error is told by its type, and causes that go round end", () => {
    for (const thrown of [CANARY, 7, null, undefined, { message: CANARY }])
      expect(holding(thrown)).toMatch(/^\{"error":"thrown \w+"\}$/);
    const one = new Error("one");
    one.cause = one;
    expect(errorFields(one).error.split(" < ")).toHaveLength(5);
  });

  it("[LOG-2] no line of the service logs an error in another way", () => {
    const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((file) =>
      file.endsWith(".ts"),
    );
    const calls = files
      .filter((file) => !file.startsWith("client"))
      .flatMap((file) => {
        const source = readFileSync(`src/${file}`, "utf8");
        return Array.from(source.matchAll(/\blog\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)/g), ([call]) => ({
          file,
          call,
        }));
      });
    expect(calls.length).toBeGreaterThan(15);
    const wrong = calls.filter(({ call }) => /String\(|\.message\b|\.stack\b|\berror:|`/.test(call));
    expect(wrong).toEqual([]);
  });
});

describe("what the platform logs by itself", () => {
  it("[LOG-5] no address of a request: neither where it is deployed nor on a developer's disk", () => {
    const settings = readFileSync("wrangler.toml", "utf8").replaceAll(/#.*$/gm, "").replaceAll(/\s+/g, " ");
    expect(settings).toContain("[observability] enabled = true redact_query_string = true");
    expect(settings).toContain("[observability.logs] enabled = true invocation_logs = false");
    // A span of a request to a push service would have its address, which is the token.
    expect(settings).toContain("[observability.traces] enabled = false");
    expect(WITHOUT_TRACES).toEqual({ X_LOCAL_OBSERVABILITY: "false" });
    expect(readFileSync("scripts/dev.ts", "utf8")).toContain("...WITHOUT_TRACES");
  });
});
