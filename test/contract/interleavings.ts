/** Random interleavings: four people in one group do whatever they like, and everything still adds up. */
import fc from "fast-check";
import { describe, it } from "vitest";
import { type Command, script } from "./interleaving-commands.ts";
import { cast, connect } from "./kit.ts";
import { play } from "./play.ts";

const RUNS = 20;

/** What once failed, or nearly did: a failing seed's counterexample becomes one of these. */
const NAMED: Record<string, Command[][]> = {
  "removed, added again and read, all at once": [
    [{ type: "send", who: 0 }],
    [
      { type: "remove", who: 0, target: 1 },
      { type: "add", who: 0, target: 1 },
      { type: "read", who: 1 },
    ],
    [
      { type: "send", who: 2, quotes: true, calls: 1 },
      { type: "read", who: 1, live: true },
    ],
  ],
  // The old socket heard the return, without what came before it, and was closed all the same.
  "removed and added again in one turn": [
    [{ type: "send", who: 0 }],
    [
      { type: "unreact", who: 0, emoji: 0 },
      { type: "add", who: 0, target: 3 },
      { type: "remove", who: 0, target: 3 },
    ],
    [{ type: "send", who: 0 }],
  ],
  "the owner leaves while others remove each other": [
    [{ type: "send", who: 3, calls: 2 }],
    [
      { type: "leave", who: 0 },
      { type: "remove", who: 1, target: 2 },
      { type: "leave", who: 3 },
    ],
    [
      { type: "add", who: 1, target: 0 },
      { type: "add", who: 2, target: 0 },
      { type: "send", who: 1 },
    ],
  ],
  "a message is quoted, edited, hidden and erased by those who came before and after it": [
    [
      { type: "send", who: 0, calls: 4 },
      { type: "leave", who: 3 },
    ],
    [{ type: "add", who: 0, target: 3 }],
    [
      { type: "send", who: 1, back: 0, quotes: true },
      { type: "edit", who: 0, back: 0, calls: 3 },
    ],
    [
      { type: "hide", who: 2, back: 1 },
      { type: "react", who: 1, back: 1 },
    ],
    [
      { type: "erase", who: 0, back: 1 },
      { type: "read", who: 3, back: 0 },
      { type: "unreact", who: 1, back: 1 },
    ],
  ],
  "hidden, then edited, quoted and reacted to, by others and by who hid it": [
    [{ type: "send", who: 0 }],
    [
      { type: "hide", who: 2, back: 0 },
      { type: "send", who: 1, back: 0, quotes: true },
    ],
    [
      { type: "edit", who: 0, back: 1, calls: 2 },
      { type: "react", who: 1, back: 1, emoji: 0 },
      { type: "send", who: 3, back: 1, quotes: true },
    ],
    [
      { type: "edit", who: 1, back: 1 },
      { type: "send", who: 2, back: 0, quotes: true, live: true },
    ],
  ],
  "pinned by who may, hidden, quoted, erased, and pinned again, while the setting changes": [
    [
      { type: "send", who: 0 },
      { type: "send", who: 1 },
      { type: "leave", who: 3 },
    ],
    [{ type: "allow", who: 0, target: 1 }],
    [
      { type: "pin", who: 2, back: 0, live: true },
      { type: "pin", who: 1, back: 0 },
      { type: "pin", who: 0, back: 1 },
      { type: "send", who: 2, back: 0, quotes: true },
    ],
    [
      { type: "hide", who: 2, back: 1 },
      { type: "add", who: 0, target: 3 },
    ],
    [
      { type: "unpin", who: 3, back: 1, live: true },
      { type: "unpin", who: 1, back: 1, live: true },
      { type: "allow", who: 0, target: 0 },
      { type: "pin", who: 1, back: 1 },
    ],
    [
      { type: "erase", who: 0, back: 1 },
      { type: "pin", who: 0, back: 1, live: true },
      { type: "pin", who: 0, back: 0 },
      { type: "unpin", who: 0, back: 2 },
    ],
  ],
};

describe("random interleavings", () => {
  for (const [name, bursts] of Object.entries(NAMED)) {
    it(`[R6 R8 R17 R19] ${name}`, async () => {
      const people = await cast("ann", "bob", "cid", "dee");
      await play(people, await Promise.all(people.map(connect)), bursts);
    });
  }

  it("[R6 R8 R11 R16 R17 R18 R19 PIN-11] counts, order, deletions, pins and who hears what, whatever four people do at once", async () => {
    const seed = Date.now() ^ Math.floor(Math.random() * 2 ** 31);
    console.info(`seed ${seed}`);
    const people = await cast("ann", "bob", "cid", "dee");
    const sockets = await Promise.all(people.map(connect));
    await fc.assert(
      fc.asyncProperty(script, (bursts) => play(people, sockets, bursts)),
      { seed, numRuns: RUNS, interruptAfterTimeLimit: 15_000, markInterruptAsFailure: false },
    );
  });
});
