import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BlocksWorld, type Step } from "./blocks-world.ts";
import { api, connectTo } from "./kit.ts";

/** Scripts in each run of this test. */
const SCRIPTS = 2;

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.nat({ max: 10_000 }),
  by: fc.nat({ max: 11 }),
  at: fc.nat({ max: 47 }),
});

/** Plays a script. During each block nothing leaves; at its end everything is as counting and reading all over gives. */
async function play(steps: Step[]): Promise<void> {
  const world = await BlocksWorld.create();
  for (const one of steps) {
    await world.take(one);
    world.check();
  }
  const { id, ann } = world;
  const { unread, mentions, seen } = await world.naive();
  await expect
    .poll(async () => {
      const { body } = await api(ann, "GET", "/conversations");
      const [item] = body.conversations;
      return [item.unread_count, item.unread_mentions];
    })
    .toEqual([unread, mentions]);
  const { messages } = (await api(ann, "GET", `/conversations/${id}/messages?limit=100`)).body;
  expect(messages.map(({ seq }: { seq: number }) => seq).reverse()).toEqual(seen.slice(-100));
  const fresh = await connectTo(ann, id, "?since=0");
  expect(await fresh.heard("conversation.sync")).toMatchObject({
    data: { unread_count: unread, unread_mentions: mentions },
  });
  fresh.close();
  await world.checkNumbers();
  world.check();
}

describe("whom one has blocked (rule 29)", () => {
  it("[R29 BLOCK-17] not a byte of what they say or do arrives, whatever is done; unread is what counting gives, and no number is missing", async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 25, maxLength: 40 }), play), {
      numRuns: SCRIPTS,
      endOnFailure: true,
    });
  }, 120_000);
});
