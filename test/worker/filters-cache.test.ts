import { env } from "cloudflare:workers";
import { FILTER_REFRESH_MS } from "@rocket-chat-api/protocol";
import { afterEach, describe, expect, it } from "vitest";
import { openDirectory } from "../../src/directory/database.ts";
import { FilterCache } from "../../src/directory/filters/cache.ts";
import { faults, withFaults } from "./faults.ts";
import { takeFiltersAway, words } from "./filters-kit.ts";
import { group, people, say } from "./kit.ts";

afterEach(async () => {
  faults.d1Down = false;
  faults.d1Fails = undefined;
  await takeFiltersAway();
});

/** D1 that never answers. */
function silent(): D1Database {
  const never = async () => await new Promise<never>(() => {});
  const statement = { bind: () => statement, all: never, run: never, raw: never, first: never };
  return { prepare: () => statement, batch: never } as unknown as D1Database;
}

const directory = () => openDirectory(withFaults(env).DB);
const namesIn = (cache: FilterCache) => cache.known?.filters.map(({ name }) => name) ?? [];

/** What a cache says, and whether it has begun to look for changes. */
function look(cache: FilterCache, now: number, db = directory) {
  const work: Promise<unknown>[] = [];
  const set = cache.current(db, now, (one) => void work.push(one));
  return {
    names: set?.filters.map(({ name }) => name) ?? [],
    settled: Promise.all(work),
    isLooking: work.length > 0,
  };
}

describe("the filters that an isolate knows", () => {
  it("[FILTER-15] the first text waits for them; changes are looked for in the background, each half minute", async () => {
    const cache = new FilterCache();
    await words("one", "flag", "mimble");
    expect(cache.isReady).toBe(false);
    await cache.ready(directory(), 1_000);
    expect([cache.isReady, namesIn(cache)]).toEqual([true, ["one"]]);
    await words("two", "flag", "wimble");
    expect(look(cache, 1_000 + FILTER_REFRESH_MS - 1)).toMatchObject({ names: ["one"], isLooking: false });
    const due = look(cache, 1_000 + FILTER_REFRESH_MS);
    expect(due).toMatchObject({ names: ["one"], isLooking: true });
    await due.settled;
    expect(look(cache, 1_001 + FILTER_REFRESH_MS)).toMatchObject({ names: ["one", "two"], isLooking: false });
    await takeFiltersAway();
    await look(cache, 1_000 + 2 * FILTER_REFRESH_MS).settled;
    expect(cache.known).toBeUndefined();
  });

  it("[FILTER-16] D1 that does not answer holds the first text up for a second, and no later one", async () => {
    const cache = new FilterCache();
    const begun = Date.now();
    await Promise.all([1, 2, 3].map(async () => await cache.ready(openDirectory(silent()), begun)));
    expect(Date.now() - begun).toBeGreaterThanOrEqual(990);
    expect(Date.now() - begun).toBeLessThan(3_000);
    expect(cache.isReady).toBe(true);
    await words("late", "flag", "tumble");
    // A look that never ends is given up, and one that comes after it counts.
    await look(cache, begun + FILTER_REFRESH_MS).settled;
    expect(namesIn(cache)).toEqual(["late"]);
  });

  it("[FILTER-17] while D1 is down the last known filters hold; it is asked again after five seconds", async () => {
    const cache = new FilterCache();
    await words("kept", "flag", "rumble");
    await cache.ready(directory(), 1_000);
    for (const [i, fault] of (["d1Down", "d1Fails"] as const).entries()) {
      const now = 100_000 * (i + 1);
      Object.assign(faults, fault === "d1Down" ? { d1Down: true } : { d1Fails: "D1_ERROR: x" });
      await look(cache, now).settled;
      expect(look(cache, now + 4_999)).toMatchObject({ names: ["kept"], isLooking: false });
      Object.assign(faults, { d1Down: false, d1Fails: undefined });
      const again = look(cache, now + 5_000);
      expect(again).toMatchObject({ names: ["kept"], isLooking: true });
      await again.settled;
      expect(look(cache, now + 5_001).isLooking).toBe(false);
    }
  });

  it("[FILTER-18] an older look never replaces what a newer one has read", async () => {
    const cache = new FilterCache();
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const { DB } = env;
    const slow = new Proxy(DB, {
      get: (target, property) => {
        const value = Reflect.get(target, property);
        if (property !== "prepare") return typeof value === "function" ? value.bind(target) : value;
        return (query: string) => {
          const late = (statement: D1PreparedStatement): D1PreparedStatement =>
            new Proxy(statement, {
              get: (one, name) => {
                const own = Reflect.get(one, name);
                if (typeof own !== "function") return own;
                if (name === "bind") return (...values: unknown[]) => late(one.bind(...values));
                return async (...values: unknown[]) => {
                  const rows = await Reflect.apply(own, one, values);
                  await gate;
                  return rows;
                };
              },
            });
          return late(target.prepare(query));
        };
      },
    });
    const old = cache.refresh(openDirectory(slow), 1_000);
    await words("new", "flag", "fumble");
    await cache.changed(directory(), 2_000);
    expect(namesIn(cache)).toEqual(["new"]);
    open();
    await old;
    expect(namesIn(cache)).toEqual(["new"]);
  });

  it("[FILTER-19] filters hold while D1 is down", async () => {
    const [ann, bob] = await people("ann", "bob");
    const id = await group(ann, [bob]);
    await words("mild", "mask", "grumble");
    faults.d1Down = true;
    expect((await say(ann, id, "grumble")).content).toBe("*******");
  });
});
