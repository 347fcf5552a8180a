import type { UnreadTotals as Totals } from "@rocket-chat-api/protocol";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { UnreadBase } from "../../src/domain/unread.ts";
import { UnreadTally } from "../../src/user-hub/unread-tally.ts";
import { UnreadTotals } from "../../src/user-hub/unread-totals.ts";

const NOTHING: Totals = { messages: 0, mentions: 0, conversations: 0, muted_messages: 0 };
const totals = (messages: number, conversations: number, more: Partial<Totals> = {}): Totals => {
  return { ...NOTHING, messages, conversations, ...more };
};

describe("adding up", () => {
  it("[R30 TOTAL-20] gives what adding up everything again would give, whatever was set and muted when", () => {
    const id = fc.constantFrom("a", "b", "c", "d");
    const step = fc.oneof(
      fc.record({ id, unread: fc.nat({ max: 3 }), mentions: fc.nat({ max: 3 }) }),
      fc.record({ id, until: fc.constantFrom(0, 5, 10, 20, Number.POSITIVE_INFINITY) }),
      fc.record({ wait: fc.nat({ max: 8 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const tally = new UnreadTally();
        const counts = new Map<string, { unread: number; mentions: number }>();
        const mutes = new Map<string, number>();
        let now = 1;
        for (const one of steps) {
          if ("unread" in one) {
            // Who is mentioned in a message has it unread.
            const some = { unread: one.unread, mentions: Math.min(one.mentions, one.unread) };
            counts.set(one.id, some);
            tally.set(one.id, some);
          } else if ("until" in one) {
            mutes.set(one.id, one.until);
            tally.setMuted(one.id, one.until);
          } else {
            now += one.wait;
          }
          const sum = { ...NOTHING };
          for (const [conversation, { unread, mentions }] of counts) {
            if ((mutes.get(conversation) ?? 0) > now) sum.muted_messages += unread;
            else {
              sum.messages += unread;
              sum.mentions += mentions;
              sum.conversations += Number(unread > 0);
            }
          }
          expect(tally.total(now)).toEqual(sum);
        }
      }),
    );
  });
});

/** Totals with a base that the test gives, and what was sent. */
function hub(base: () => Promise<UnreadBase | undefined>) {
  const sent: Totals[] = [];
  const state = {
    hasSockets: true,
    loads: 0,
    muteEnd: null as number | null,
    alarm: undefined as number | undefined,
  };
  const unread = new UnreadTotals({
    loadBase: async () => {
      state.loads += 1;
      return await base();
    },
    hasSockets: () => state.hasSockets,
    send: (data) => sent.push(data),
    muteEnd: () => state.muteEnd,
    setMuteEnd: (end) => {
      state.muteEnd = end;
    },
    ringBy: (time) => {
      state.alarm = time;
    },
  });
  return { unread, sent, state };
}

const baseOf = (counts: Record<string, number>, mutes: Record<string, number> = {}): UnreadBase => ({
  counts: new Map(Object.entries(counts).map(([id, unread]) => [id, { unread, mentions: 0 }])),
  mutes: new Map(Object.entries(mutes)),
});
const told = (unread: number, version: number) => ({ unread, mentions: 0, version });
const passing = async (ms: number) => await vi.advanceTimersByTimeAsync(ms);

describe("a hub's totals", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(console, "warn").mockReturnValue();
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  it("[R30 TOTAL-21] at most two events a second, and the last value always; none for what is the same again", async () => {
    const { unread, sent } = hub(async () => baseOf({}));
    await unread.load();
    for (let n = 1; n <= 100; n++) {
      unread.set("a", told(n, n));
      await passing(20);
    }
    await passing(1_000);
    expect(sent.length).toBeLessThanOrEqual(6);
    expect(sent.at(-1)).toEqual(totals(100, 1));
    const { length } = sent;
    unread.set("a", told(101, 101));
    unread.set("a", told(100, 102));
    await passing(1_000);
    // The first of the two goes out at once.
    expect(sent.slice(length)).toEqual([totals(101, 1), totals(100, 1)]);
    unread.set("a", told(100, 103));
    await passing(1_000);
    expect(sent).toHaveLength(length + 2);
  });

  it("[R30 TOTAL-27] mutes that end one after the other: the alarm is set for each, and the sockets hear of each", async () => {
    const start = Date.now();
    const [soon, later] = [start + 5_000, start + 9_000];
    const { unread, sent, state } = hub(async () => baseOf({ a: 1, b: 2, c: 4 }, { a: later, b: soon }));
    unread.set("c", told(4, 1));
    await passing(0);
    expect(state).toMatchObject({ muteEnd: soon, alarm: soon });
    unread.setMuted("c", start + 7_000);
    expect(state.muteEnd).toBe(soon);
    const heard = [
      { messages: 2, conversations: 1 },
      { messages: 6, conversations: 2 },
      { messages: 7, conversations: 3 },
    ];
    for (const expected of heard) {
      await passing(Number(state.alarm) - Date.now());
      await unread.alarm(Date.now());
      expect(sent.at(-1)).toMatchObject(expected);
    }
    expect(state.muteEnd).toBeNull();
  });

  it("[R30 TOTAL-28] while the base cannot be loaded the end of a mute is kept; without a socket it is of no interest", async () => {
    const end = Date.now() - 1;
    const { unread, sent, state } = hub(async () => await Promise.reject(new Error("down")));
    state.muteEnd = end;
    await unread.alarm(Date.now());
    expect(state).toMatchObject({ muteEnd: end, alarm: Date.now() + 30_000 });
    state.hasSockets = false;
    await unread.alarm(Date.now());
    expect(state).toMatchObject({ muteEnd: null, loads: 1 });
    expect(sent).toEqual([]);
  });

  it("[R30 TOTAL-22] what was told counts before the base, whichever comes first, and what is older never", async () => {
    let answer: (base: UnreadBase) => void = () => undefined;
    const { unread } = hub(async () => await new Promise((resolve) => (answer = resolve)));
    const loading = unread.load();
    unread.set("a", told(5, 50));
    unread.setMuted("b", 0);
    answer(baseOf({ a: 1, b: 2, c: 3 }, { b: Number.POSITIVE_INFINITY, c: Number.POSITIVE_INFINITY }));
    await loading;
    expect(unread.total(1)).toEqual(totals(7, 2, { muted_messages: 3 }));
    unread.set("a", told(9, 49));
    unread.set("c", null);
    expect(unread.total(1)).toEqual(totals(7, 2, { muted_messages: 3 }));
  });

  it("[R30 TOTAL-23] an object of an older release tells nothing: the base is forgotten, and loaded at the next need", async () => {
    const { unread, sent, state } = hub(async () => baseOf({ a: 1 }));
    await unread.load();
    unread.set("a", undefined);
    expect(unread.total(1)).toBeNull();
    unread.setMuted("a", undefined);
    expect(state.loads).toBe(1);
    unread.set("b", told(1, 1));
    await passing(500);
    expect(state.loads).toBe(2);
    expect(sent.at(-1)).toEqual(totals(2, 2));
  });

  it("[R30 TOTAL-24] a base that fails is no error, and is tried again at a later need, not at every one", async () => {
    let fails = true;
    const { unread, sent, state } = hub(async () => (fails ? Promise.reject(new Error("down")) : baseOf({})));
    await unread.load();
    for (let n = 1; n <= 9; n++) unread.set("a", told(n, n));
    await passing(0);
    expect([unread.total(1), sent, state.loads]).toEqual([null, [], 1]);
    await passing(1_001);
    fails = false;
    unread.set("a", told(10, 10));
    await passing(0);
    expect(sent).toEqual([totals(10, 1)]);
  });

  it("[R30 TOTAL-25] without sockets nothing is loaded or sent, and what is told is kept", async () => {
    const { unread, sent, state } = hub(async () => baseOf({ b: 1 }));
    state.hasSockets = false;
    unread.set("a", told(1, 1));
    unread.setMuted("a", 0);
    await passing(1_000);
    expect([state.loads, sent]).toEqual([0, []]);
    await unread.load();
    expect(unread.total(1)).toEqual(totals(2, 2));
  });

  it("[R30 TOTAL-26] where two sockets were greeted with different totals, both hear the next, also if it is an old one", async () => {
    const { unread, sent, state } = hub(async () => baseOf({}));
    state.hasSockets = false;
    await unread.load();
    state.hasSockets = true;
    unread.greeted(unread.total(Date.now()), true);
    unread.set("a", told(1, 1));
    unread.set("a", told(2, 2));
    unread.greeted(unread.total(Date.now()), false);
    unread.set("a", told(1, 3));
    await passing(1_000);
    expect(sent).toEqual([totals(1, 1), totals(1, 1)]);
  });
});
