import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { COLD_CALLS, HubAdmission } from "../../src/conversation/delivery/hub-admission.ts";

/** Calls of hubs, with those that run and those that wait. */
class Calls {
  readonly admission = new HubAdmission((work) => queueMicrotask(work));
  readonly running = new Set<string>();
  readonly waiting = new Set<string>();
  /** Those that were called at once. */
  readonly immediate = new Set<string>();

  call(...hubs: string[]): void {
    for (const hub of hubs) {
      const turn = this.admission.enter(hub);
      if (!turn) {
        this.running.add(hub);
        this.immediate.add(hub);
        continue;
      }
      this.waiting.add(hub);
      void turn.then(() => {
        this.waiting.delete(hub);
        this.running.add(hub);
      });
    }
  }

  async answer(hub: string, isAwake: boolean): Promise<void> {
    this.running.delete(hub);
    this.admission.left(hub, isAwake);
    // The next calls begin a moment later.
    await Promise.resolve().then(() => undefined);
  }
}

const hubs = (count: number, name = "hub") => Array.from({ length: count }, (_, i) => `${name}${i}`);

describe("how many hubs are called at a time", () => {
  it("[GROW-1] of a thousand that never answered some are called, the next one when one of them has answered", async () => {
    const calls = new Calls();
    calls.call(...hubs(1_000));
    let most = calls.running.size;
    let answered = 0;
    for (; calls.running.size > 0; answered++) {
      const [next = ""] = calls.running;
      await calls.answer(next, false);
      most = Math.max(most, calls.running.size);
    }
    expect({ answered, most }).toEqual({ answered: 1_000, most: COLD_CALLS });
  });

  it("[GROW-1] hubs that are awake are called at once, however many others wait", async () => {
    const calls = new Calls();
    calls.call("awake");
    await calls.answer("awake", true);
    calls.call(...hubs(100));
    expect(calls.waiting.size).toBeGreaterThan(0);
    calls.call("awake");
    expect(calls.immediate).toContain("awake");
  });

  it("[GROW-1] a hub that wakes us while it waits is called at once", async () => {
    const calls = new Calls();
    calls.call(...hubs(COLD_CALLS), "late");
    expect([...calls.waiting]).toEqual(["late"]);
    calls.admission.woke("late");
    await Promise.resolve();
    expect(calls.running).toContain("late");
    // Its call took no place of the others.
    calls.call("next");
    expect(calls.waiting).toContain("next");
    await calls.answer("hub0", false);
    expect(calls.running).toContain("next");
  });

  it("[GROW-1] more are called while all turn out to be awake, few again as soon as one does not", async () => {
    const calls = new Calls();
    calls.call(...hubs(500));
    for (const hub of [...calls.running]) await calls.answer(hub, true);
    expect(calls.running.size).toBe(2 * COLD_CALLS);
    const [one = ""] = calls.running;
    await calls.answer(one, false);
    expect(calls.running.size).toBe(2 * COLD_CALLS - 1);
    for (const hub of [...calls.running].slice(COLD_CALLS)) await calls.answer(hub, false);
    expect(calls.running.size).toBe(COLD_CALLS);
  });

  it("[GROW-1] whatever hubs answer, and whoever wakes, each is called in the end", async () => {
    const step = fc.record({ hub: fc.nat(60), isAwake: fc.boolean(), wakes: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 150 }), async (steps) => {
        const calls = new Calls();
        const all = hubs(60);
        const called = new Set<string>();
        calls.call(...all);
        for (const { hub, isAwake, wakes } of steps) {
          const name = `hub${hub}`;
          if (wakes) calls.admission.woke(name);
          else if (calls.running.has(name)) {
            called.add(name);
            await calls.answer(name, isAwake);
          }
          await Promise.resolve();
        }
        while (calls.running.size > 0) {
          const [next = ""] = calls.running;
          called.add(next);
          await calls.answer(next, false);
        }
        expect(called.size).toBe(all.length);
        expect(calls.waiting.size).toBe(0);
      }),
    );
  });
});
