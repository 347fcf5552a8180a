/** Places that a store can be in: each keeps the four promises, and IndexedDB those of many tabs. */
import "fake-indexeddb/auto";
import { DatabaseSync } from "node:sqlite";
import { memoryBackend, type StoreBackend } from "@rocket-chat-api/client/store";
import { describe, expect, it } from "vitest";
import { IndexedDbBackend } from "../../packages/client/src/store/indexeddb.ts";
import { lockedRuns, type RunLocks } from "../../packages/client/src/store/runs.ts";
import { SqliteBackend, type SqliteDatabase } from "../../packages/client/src/store/sqlite.ts";

let count = 0;
const fresh = (): string => `store${++count}`;

/** How an app gives the SQLite of Node.js, and how one of React Native that answers with promises. */
function nodeSqlite(db: DatabaseSync, isSlow: boolean): SqliteDatabase {
  const answer = <T>(value: () => T): T | Promise<T> =>
    isSlow ? new Promise((resolve) => setTimeout(() => resolve(value()))) : value();
  return {
    exec: (sql) => answer(() => db.exec(sql)),
    run: (sql, parameters) => answer(() => db.prepare(sql).run(...parameters)),
    all: (sql, parameters) => answer(() => db.prepare(sql).all(...parameters)),
  };
}

const PLACES: [string, () => StoreBackend][] = [
  ["memory", memoryBackend],
  ["IndexedDB", () => new IndexedDbBackend(fresh())],
  ["SQLite at once", () => new SqliteBackend(nodeSqlite(new DatabaseSync(":memory:"), false), fresh())],
  ["SQLite with promises", () => new SqliteBackend(nodeSqlite(new DatabaseSync(":memory:"), true), fresh())],
];

describe.each(PLACES)("a store in %s", (_, make) => {
  it("[STORE-30] keeps the fields of a scope, replaces what a patch names, and removes what it sets to undefined", async () => {
    const place = make();
    expect(await place.load("a")).toEqual({});
    await place.save("a", { x: { deep: ["ü", null, 1.5] }, y: "text", z: false });
    await place.save("b", { x: 1 });
    await place.save("a", { y: undefined, z: 0, w: null });
    expect(await place.load("a")).toEqual({ x: { deep: ["ü", null, 1.5] }, z: 0, w: null });
    expect(await place.load("b")).toEqual({ x: 1 });
    await place.save("a", {});
    expect(Object.keys(await place.load("a"))).toHaveLength(3);
  });

  it("[STORE-31] drops one scope without those whose names begin alike, and clears all", async () => {
    const place = make();
    for (const scope of ["c:1", "c:12", "c", "meta"]) await place.save(scope, { x: scope });
    await place.drop("c:1");
    expect(await place.load("c:1")).toEqual({});
    expect(await place.load("c:12")).toEqual({ x: "c:12" });
    await place.drop("nothing");
    await place.clear();
    for (const scope of ["c:12", "c", "meta"]) expect(await place.load(scope)).toEqual({});
    await place.save("c", { again: true });
    expect(await place.load("c")).toEqual({ again: true });
  });

  it("[STORE-32] takes patches of any size, in the order in which they are given", async () => {
    const place = make();
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`field ${index}`, index]));
    const none = Object.fromEntries(Object.keys(many).map((field) => [field, undefined]));
    await Promise.all([place.save("big", many), place.save("big", { ...none, last: 1 })]);
    expect(await place.load("big")).toEqual({ last: 1 });
  });
});

describe("a store in IndexedDB", () => {
  it("[STORE-33] takes no writes of a tab after another tab has cleared it", async () => {
    const name = fresh();
    const [one, other] = [new IndexedDbBackend(name), new IndexedDbBackend(name)];
    await one.load("meta");
    await one.save("c", { secret: 1 });
    await other.load("meta");
    await other.clear();
    await expect(one.save("c", { secret: 2 })).rejects.toMatchObject({ name: "StoreCleared" });
    await expect(one.drop("c")).rejects.toMatchObject({ name: "StoreCleared" });
    expect(await other.load("c")).toEqual({});
    await other.save("c", { mine: 1 });
    expect(await new IndexedDbBackend(name).load("c")).toEqual({ mine: 1 });
  });

  it("[STORE-34] keeps files, and all of a patch or nothing where a value cannot be kept", async () => {
    const place = new IndexedDbBackend(fresh());
    await place.save("files", { a: { file: new File(["bytes"], "a.txt") } });
    await expect(place.save("files", { b: 1, c: () => undefined })).rejects.toThrow();
    expect(Object.keys(await place.load("files"))).toEqual(["a"]);
    await place.save("files", { b: 2 });
    expect(Object.keys(await place.load("files"))).toEqual(["a", "b"]);
  });

  it("[STORE-35] says what to take where there is none", async () => {
    const { indexedDB } = globalThis as { indexedDB?: unknown };
    try {
      Object.assign(globalThis, { indexedDB: undefined });
      await expect(new IndexedDbBackend(fresh()).load("a")).rejects.toThrow("sqliteStore");
    } finally {
      Object.assign(globalThis, { indexedDB });
    }
  });
});

describe("the runs of an application", () => {
  it("[STORE-36] are known by their locks until they end", async () => {
    const locks = (navigator as unknown as { locks: RunLocks }).locks;
    const runs = lockedRuns("chat", () => locks);
    runs.begin("one");
    runs.begin("one");
    lockedRuns("other", () => locks).begin("two");
    await expect.poll(() => runs.alive()).toEqual(new Set(["one"]));
    runs.end("one");
    await expect.poll(() => runs.alive()).toEqual(new Set());
    const none = lockedRuns("chat", () => undefined);
    none.begin("one");
    expect(await none.alive()).toEqual(new Set());
    none.end("one");
  });

  it("[STORE-36] SQLite takes no table name that is none", () => {
    const db = nodeSqlite(new DatabaseSync(":memory:"), false);
    expect(() => new SqliteBackend(db, "x; DROP TABLE y")).toThrow(TypeError);
  });
});
