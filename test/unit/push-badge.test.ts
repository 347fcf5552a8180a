/** The number on the app's icon as a sum that is kept (rule 30). */
import { describe, expect, it } from "vitest";
import { isMuted } from "../../src/domain/preferences.ts";
import { BadgeSum, type Counted } from "../../src/user-hub/push/badge-sum.ts";

type Conversations = Map<number, Counted>;

function recount(all: Conversations, now: number): number {
  return [...all.values()].reduce(
    (sum, one) => sum + (one.is_request || isMuted(one, now) ? 0 : one.unread_count),
    0,
  );
}

function sumOf(all: Conversations, now: number): BadgeSum {
  const ends = [...all.values()].flatMap(({ muted_until: end }) => (end !== null && end > now ? [end] : []));
  return new BadgeSum(recount(all, now), now, ends.length > 0 ? Math.min(...ends) : undefined);
}

/** Numbers that are the same in each run (Park and Miller's generator). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

function someConversation(random: (below: number) => number, now: number): Counted | undefined {
  if (random(5) === 0) return undefined;
  const muted_until = random(2) === 0 ? null : now + random(40) - 10;
  return { unread_count: random(9), is_request: random(4) === 0, is_muted: random(2) === 0, muted_until };
}

describe("the number on the icon", () => {
  it("[R30 PUSH-113] equals a recount after any change, at any time; a mute that ends makes it count again", () => {
    let recounts = 0;
    let kept = 0;
    for (let seed = 1; seed <= 50; seed++) {
      const random = numbers(seed);
      const all: Conversations = new Map();
      let now = 1_000;
      let sum = sumOf(all, now);
      for (let step = 0; step < 200; step++) {
        // The clock may be set back.
        now += random(20) === 0 ? -3 : random(3);
        const id = random(12);
        const [before, after] = [all.get(id), someConversation(random, now)];
        if (after) all.set(id, after);
        else all.delete(id);
        sum.replace(before, after);
        const known = sum.at(now);
        if (known === undefined) {
          recounts += 1;
          sum = sumOf(all, now);
        } else {
          kept += 1;
          expect(known).toBe(recount(all, now));
        }
      }
    }
    expect(recounts).toBeGreaterThan(100);
    expect(kept).toBeGreaterThan(recounts);
  });
});
