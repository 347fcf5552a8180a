import { describe, expect, it } from "vitest";
import { differences, isRepeatable, masked, statementsOf } from "../fixtures/format.ts";

const NOBODY = new Set<string>();

describe("kept states", () => {
  it.each([
    ["an added field", { a: 1 }, { a: 1, b: 2 }],
    ["an added field in a list", [{ a: 1 }], [{ a: 1, b: 2 }]],
    ["a value that is never the same", { request_id: "<any>" }, { request_id: "x" }],
    ["a later time", { at: "<later>" }, { at: "2031-01-02T03:04:05.678Z" }],
    ["null", { a: null }, { a: null }],
  ])("[STATE-14] %s is no difference", (_, kept, today) => {
    expect(differences(kept, today)).toEqual([]);
  });

  it.each([
    ["a missing field", { a: 1, b: 2 }, { a: 1 }, "/b"],
    ["a missing field that was null", { a: null }, {}, "/a"],
    ["a field that became null", { a: 1 }, { a: null }, "/a"],
    ["a number that became text", { a: 1 }, { a: "1" }, "/a"],
    ["a longer list", { a: [1] }, { a: [1, 2] }, "/a/length"],
    ["a shorter list", { a: [1, 2] }, { a: [1] }, "/a/length"],
    ["another order", [1, 2], [2, 1], "/0"],
    ["a list that became an object", { a: [] }, { a: {} }, "/a"],
    ["an object that became a list", { a: {} }, { a: [] }, "/a"],
    ["a body where there was none, but another status", { status: 204 }, { status: 200, body: 1 }, "/status"],
    ["nothing in the place of a value that is never the same", { id: "<any>" }, {}, "/id"],
    ["text in the place of a time", { at: "<later>" }, { at: "soon" }, "/at"],
  ])("[STATE-14] %s is one", (_, kept, today, path) => {
    expect(differences(kept, today)[0]).toMatch(new RegExp(`^${path}: was `));
  });

  it("[STATE-15] only what differs each time is masked", () => {
    const madeAt = Date.UTC(2030, 0);
    const fay = { user_id: "fay", is_online: true, last_seen_at: null };
    const answer = {
      request_id: "r",
      before: "2029-12-31T23:59:59.999Z",
      after: "2030-01-01T00:00:00.001Z",
      far: "2099-01-01T00:00:00.000Z",
      users: [fay, { ...fay, user_id: "ann" }],
    };
    const kept = { ...answer, request_id: "<any>", after: "<later>" };
    expect(masked(answer, madeAt, NOBODY)).toEqual(kept);
    const [hidden] = masked([fay], madeAt, new Set(["fay"])) as object[];
    expect(hidden).toEqual({ user_id: "fay", is_online: "<any>", last_seen_at: "<any>" });
    expect(masked({ is_online: true }, madeAt, new Set(["*"]))).toEqual({ is_online: "<any>" });
    expect(differences(kept, answer)).toEqual([]);
  });

  it("[STATE-15] a dump falls into its statements, also where a text has a semicolon", () => {
    const sql = "CREATE TABLE a (\n b text\n);\nINSERT INTO a VALUES ('one; two' || char(10) || 'three');\n";
    expect(statementsOf(sql)).toHaveLength(2);
  });

  it("[STATE-15] what changes something is asked once", () => {
    const who = { about: "", who: "ann" };
    const socket = { ...who, socket: "/ws" };
    expect(isRepeatable({ ...who, method: "GET", path: "/" })).toBe(true);
    expect(isRepeatable({ ...who, method: "PUT", path: "/" })).toBe(false);
    expect(isRepeatable({ ...who, file: "/" })).toBe(true);
    expect(isRepeatable({ ...socket, commands: [{ type: "sync" }] })).toBe(true);
    expect(isRepeatable({ ...socket, commands: [{ type: "sync" }, { type: "message.send" }] })).toBe(false);
  });
});
