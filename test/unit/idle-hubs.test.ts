import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { IdleHubs } from "../../src/conversation/delivery/idle-hubs.ts";

/** Rows in memory. */
function rows(...userIds: string[]) {
  const stored = new Set(userIds);
  return {
    stored,
    idleHubs: () => [...stored],
    addIdleHub: (userId: string) => void stored.add(userId),
    removeIdleHub: (userId: string) => void stored.delete(userId),
  };
}

/** A set that counts how often it is gone through. */
class CountedSet extends Set<string> {
  gone = 0;

  override [Symbol.iterator]() {
    this.gone += 1;
    return super[Symbol.iterator]();
  }
}

describe("the members whose hubs are skipped", () => {
  it("[GROW-8] whoever falls asleep or wakes, the others are called, and the rows say the same", () => {
    const user = fc.constantFrom("ann", "bob", "cem", "dan");
    const step = fc.record({ user, isIdle: fc.boolean(), among: fc.subarray(["ann", "bob", "cem"]) });
    fc.assert(
      fc.property(fc.subarray(["ann", "dan"]), fc.array(step), (first, steps) => {
        const table = rows(...first);
        const hubs = new IdleHubs(table);
        const idle = new Set(first);
        const all = new Set(["ann", "bob", "cem", "dan"]);
        for (const { user, isIdle, among } of steps) {
          const some = new Set(among);
          for (const set of [all, some, all]) {
            expect(hubs.awakeAmong(set)).toEqual([...set].filter((userId) => !idle.has(userId)));
          }
          if (isIdle) hubs.add(user);
          else hubs.remove(user);
          if (isIdle) idle.add(user);
          else idle.delete(user);
          expect(table.stored).toEqual(idle);
        }
      }),
    );
  });

  it("[GROW-8] nothing is done for each member with each message", () => {
    const members = new CountedSet(Array.from({ length: 1_000 }, (_, i) => `user${i}`));
    const hubs = new IdleHubs(rows("user1", "user2"));
    for (let message = 0; message < 100; message++) expect(hubs.awakeAmong(members)).toHaveLength(998);
    expect(members.gone).toBe(1);
    hubs.remove("user1");
    expect(hubs.awakeAmong(members)).toHaveLength(999);
  });
});
