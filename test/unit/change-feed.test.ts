/** A change feed with a consumer, an object and a clock of its own: nothing is lost, and never two batches in flight. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { batchingPauseMs } from "../../src/conversation/consumers/batching-pause.ts";
import { ChangeFeed } from "../../src/conversation/consumers/change-feed.ts";
import type { ChangeSource, Consumer } from "../../src/conversation/consumers/consumer.ts";
import type { Cursor } from "../../src/conversation/state/cursor.ts";
import { SAFETY_NET_MS } from "../../src/domain/deadlines.ts";
import { metrics } from "../../src/metrics/metrics.ts";

const GATHER_MS = 200;
const INTERVAL_MS = 2_000;
/** After so long the platform puts an object away that nobody needs. */
const IDLE_MS = 10_000;

/** An object: rows and an alarm, which outlive the memory of its feeds. */
class FakeObject implements ChangeSource {
  readonly cursors = new Map<string, Cursor>();
  readonly store: ChangeSource["store"] = {
    cursor: (name) => this.cursors.get(name) ?? { seq: 0, rev: 0 },
    setCursor: (name, cursor) => this.cursors.set(name, cursor),
  };
  readonly #feeds: { changed(now: number): void; alarm(now: number): void }[] = [];
  #alarmAt: number | undefined;
  /** The platform puts the object away, and refuses to set an alarm. */
  isPutAway = false;
  readonly id = "conversation";
  readonly rev = 0;
  head = 0;

  get alarmAt(): number | undefined {
    return this.#alarmAt;
  }

  feed(consumer: Consumer<ChangeSource, number[]>): ChangeFeed<ChangeSource, number[]> {
    const feed: ChangeFeed<ChangeSource, number[]> = new ChangeFeed(consumer, {
      source: () => (this.#feeds.includes(feed) ? this : undefined),
      ringBy: (time) => {
        if (this.isPutAway) throw new TypeError("no alarm can be set");
        this.#alarmAt = Math.min(time, this.#alarmAt ?? time);
      },
      committed: async () => undefined,
    });
    this.#feeds.push(feed);
    return feed;
  }

  /** A row more: the turn of a change. */
  change(rows = 1): void {
    this.head += rows;
    for (const feed of this.#feeds) feed.changed(Date.now());
  }

  ring(): void {
    this.#alarmAt = undefined;
    for (const feed of this.#feeds) feed.alarm(Date.now());
  }

  /** Time passes; the alarm rings when it is due. */
  async pass(ms: number): Promise<void> {
    for (const end = Date.now() + ms; Date.now() < end; ) {
      await vi.advanceTimersByTimeAsync(Math.min(10, end - Date.now()));
      if (this.#alarmAt !== undefined && this.#alarmAt <= Date.now()) this.ring();
    }
  }

  /** The object loses its memory. Its feeds can no longer reach the rows; a write in flight may still arrive. */
  die(): void {
    this.#feeds.length = 0;
  }
}

/** A consumer that writes down its batches, takes its time for that, and fails when it should. */
function recorder(name = "recorder", limit = 100) {
  const batches: { at: number; rows: number[] }[] = [];
  const log: string[] = [];
  const state = { writeMs: 0, fails: false, inFlight: 0, most: 0 };
  const consumer: Consumer<ChangeSource, number[]> = {
    name,
    gatherMs: GATHER_MS,
    intervalMs: INTERVAL_MS,
    nextBatch({ head, rev }, { seq }) {
      const end = Math.min(head, seq + limit);
      const rows = Array.from({ length: end - seq }, (_, i) => seq + i + 1);
      return { rows, cursor: { seq: end, rev } };
    },
    async write(rows) {
      state.inFlight += 1;
      state.most = Math.max(state.most, state.inFlight);
      log.push(`write ${rows.at(0)}-${rows.at(-1)}`);
      if (state.writeMs > 0) await new Promise((resolve) => setTimeout(resolve, state.writeMs));
      state.inFlight -= 1;
      if (state.fails) throw new Error("down");
      batches.push({ at: Date.now(), rows });
    },
    async reset() {
      log.push("reset");
    },
  };
  return { consumer, batches, log, state, rows: () => batches.flatMap(({ rows }) => rows) };
}

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

function setUp(limit?: number) {
  const object = new FakeObject();
  const taken = recorder("recorder", limit);
  return { object, taken, feed: object.feed(taken.consumer), start: Date.now() };
}

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("what operators see", () => {
  it("[ALERT-3] a consumer that is more than 30 seconds behind is counted so, and in the log", async () => {
    const { object, taken } = setUp();
    metrics.take();
    taken.state.fails = true;
    object.change();
    await object.pass(40_000);
    expect(metrics.take().some(({ family }) => family === "projection_lag_seconds")).toBe(false);
    taken.state.fails = false;
    await object.pass(120_000);
    const [lag] = metrics.take().filter(({ family }) => family === "projection_lag_seconds");
    expect(lag?.labels).toEqual(["recorder"]);
    expect(lag?.sum).toBeGreaterThan(30);
    const lines = vi.mocked(console.warn).mock.calls.map(([line]) => JSON.parse(String(line)).event);
    expect(lines).toContain("consumer.lagged");
    object.change();
    await object.pass(5_000);
    const [next] = metrics.take().filter(({ family }) => family === "projection_lag_seconds");
    expect(next?.sum).toBeLessThan(5);
  });
});

describe("gathering", () => {
  it("[FEED-1] changes that come close together share a batch; a constant stream has one in each interval", async () => {
    const { object, taken, start } = setUp(1_000);
    for (let i = 0; i < 550; i++) {
      object.change();
      await object.pass(10);
    }
    await object.pass(INTERVAL_MS);
    expect(taken.batches.map(({ at }) => at - start)).toEqual([200, 2_200, 4_200, 6_200]);
    expect(taken.rows()).toEqual(upTo(550));
  });

  it("[FEED-2] after a quiet time a change waits only for the short gathering, soon after a batch for the interval", async () => {
    const { object, taken, start } = setUp();
    object.change();
    await object.pass(10_000);
    object.change();
    await object.pass(500);
    object.change();
    await object.pass(INTERVAL_MS);
    expect(taken.batches.map(({ at }) => at - start)).toEqual([200, 10_200, 12_200]);
  });

  it("[FEED-3] what does not fit into one batch follows at once, in order and once", async () => {
    const { object, taken, start } = setUp(10);
    object.change(35);
    await object.pass(GATHER_MS);
    expect(taken.batches.map(({ rows }) => rows.length)).toEqual([10, 10, 10, 5]);
    expect(taken.batches.every(({ at }) => at === start + GATHER_MS)).toBe(true);
    expect(taken.rows()).toEqual(upTo(35));
  });

  it("[FEED-4] however slow the write, whatever comes and rings: never two batches in flight", async () => {
    const { object, taken, feed } = setUp(7);
    taken.state.writeMs = 900;
    for (let i = 0; i < 400; i++) {
      object.change();
      if (i % 10 === 0) object.ring();
      if (i % 50 === 0) void feed.settled(100);
      if (i === 200) feed.fromZero(Date.now());
      await object.pass(10);
    }
    taken.state.writeMs = 0;
    await object.pass(10_000);
    expect(taken.state.most).toBe(1);
    expect(new Set(taken.rows()).size).toBe(400);
  });

  it("[FEED-5] the time to gather: never less than the short one, and a clock that jumps back keeps nothing waiting", () => {
    expect(batchingPauseMs(200, 2_000, 1_000_000)).toBe(200);
    expect(batchingPauseMs(200, 2_000, 2_000)).toBe(200);
    expect(batchingPauseMs(200, 2_000, 500)).toBe(1_500);
    expect(batchingPauseMs(200, 2_000, 0)).toBe(2_000);
    expect(batchingPauseMs(200, 2_000, -3_600_000)).toBe(200);
    expect(batchingPauseMs(0, 0, 0)).toBe(0);
  });
});

describe("when a write fails", () => {
  it("[FEED-6] it is tried again after longer and longer pauses, a minute at most, by the alarm alone", async () => {
    const { object, taken } = setUp();
    taken.state.fails = true;
    object.change();
    await object.pass(GATHER_MS);
    expect(taken.log).toHaveLength(1);
    // Neither a change nor an alarm for another reason makes it come sooner.
    object.change();
    object.ring();
    await object.pass(500);
    expect(taken.log).toHaveLength(1);
    const attempts: number[] = [];
    for (let i = 0; i < 300; i++) {
      const before = taken.log.length;
      await object.pass(1_000);
      if (taken.log.length > before) attempts.push(i);
    }
    const pauses = attempts.slice(1).map((at, i) => at - (attempts[i] ?? 0));
    expect(pauses.slice(0, 4)).toEqual([2, 4, 8, 16].map((s) => expect.closeTo(s, -1)));
    expect(Math.max(...pauses)).toBeLessThanOrEqual(62);
    taken.state.fails = false;
    await object.pass(61_000);
    expect(taken.rows()).toEqual([1, 2]);
  });

  it("[FEED-7] a consumer that throws while it looks, or while it resets, is tried again as well", async () => {
    const { object, taken, feed } = setUp();
    const { nextBatch, reset } = taken.consumer;
    const broken = () => {
      throw new Error("broken");
    };
    taken.consumer.nextBatch = broken;
    object.change();
    await object.pass(GATHER_MS + 900);
    taken.consumer.nextBatch = nextBatch;
    await object.pass(2_000);
    expect(taken.rows()).toEqual([1]);
    taken.consumer.reset = broken;
    feed.fromZero(Date.now());
    await object.pass(INTERVAL_MS + 900);
    expect(taken.rows()).toEqual([1]);
    Object.assign(taken.consumer, { reset });
    await object.pass(5_000);
    expect(taken.log.slice(-2)).toEqual(["reset", "write 1-1"]);
  });
});

describe("when the object dies", () => {
  it("[FEED-8] a change is in its alarm, so it needs no next one: while gathering, while writing, after writing", async () => {
    for (const diesAfter of [0, 100, 300, 700, 1_900]) {
      const { object, taken } = setUp();
      taken.state.writeMs = 400;
      object.change(3);
      await object.pass(diesAfter);
      object.die();
      const revived = recorder();
      object.feed(revived.consumer);
      await object.pass(40_000);
      expect([diesAfter, revived.rows()]).toEqual([diesAfter, [1, 2, 3]]);
      expect(object.cursors.get("recorder")).toEqual({ seq: 3, rev: 0 });
    }
  });

  it("[FEED-16] an object that is being put away while a write fails: the alarm that came with the change is still set", async () => {
    const { object, taken } = setUp();
    taken.state.fails = true;
    object.change(3);
    object.isPutAway = true;
    await object.pass(1_000);
    expect(object.alarmAt).toBe(1_000_000 + SAFETY_NET_MS);
    object.die();
    object.isPutAway = false;
    taken.state.fails = false;
    object.feed(taken.consumer);
    await object.pass(20_000);
    expect(taken.rows()).toEqual([1, 2, 3]);
  });

  it("[FEED-9] only the alarm saves the cursor, and then it is quiet", async () => {
    const { object, taken } = setUp();
    object.change(3);
    await object.pass(SAFETY_NET_MS - 100);
    expect(taken.rows()).toEqual([1, 2, 3]);
    expect(object.cursors.size).toBe(0);
    await object.pass(200);
    expect(object.cursors.get("recorder")).toEqual({ seq: 3, rev: 0 });
    expect(object.alarmAt).toBeUndefined();
    object.die();
    object.feed(taken.consumer);
    object.ring();
    await object.pass(60_000);
    expect(taken.batches).toHaveLength(1);
    expect(object.alarmAt).toBeUndefined();
  });

  it("[FEED-17] an object that loses its memory after ten idle seconds has saved the cursor by then", async () => {
    const { object, taken } = setUp();
    object.change(3);
    await object.pass(IDLE_MS);
    object.die();
    object.feed(taken.consumer);
    await object.pass(60_000);
    expect(taken.batches).toHaveLength(1);
    expect(object.alarmAt).toBeUndefined();
  });

  it.each([0, 300, 5_000])(
    "[FEED-17] one that loses it %i ms after each change and each alarm comes to rest all the same",
    async (livesMs) => {
      const { object, taken } = setUp();
      const other = recorder("other");
      object.feed(other.consumer);
      taken.state.writeMs = 250;
      object.change(3);
      await object.pass(livesMs);
      for (let life = 0; life < 3; life++) {
        object.die();
        await object.pass((object.alarmAt ?? Date.now()) - Date.now() - 10);
        for (const { consumer } of [taken, other]) object.feed(consumer);
        // The last lives are long enough for the batch.
        await object.pass(10 + (life === 0 ? livesMs : 600 + livesMs));
      }
      expect(object.alarmAt).toBeUndefined();
      expect(Object.fromEntries(object.cursors)).toEqual({
        recorder: { seq: 3, rev: 0 },
        other: { seq: 3, rev: 0 },
      });
      expect(taken.batches.length).toBeLessThanOrEqual(3);
    },
  );
});

describe("from zero", () => {
  it("[FEED-10] what was written is removed first, then all is written again", async () => {
    const { object, taken, feed } = setUp(10);
    object.change(15);
    await object.pass(6_000);
    feed.fromZero(Date.now());
    await feed.settled(60_000);
    expect(taken.log).toEqual(["write 1-10", "write 11-15", "reset", "write 1-10", "write 11-15"]);
  });

  it("[FEED-11] while a write is in flight: that one does not count, for who waits neither", async () => {
    const { object, taken, feed } = setUp();
    taken.state.writeMs = 500;
    object.change(5);
    await object.pass(GATHER_MS + 100);
    expect(taken.state.inFlight).toBe(1);
    feed.fromZero(Date.now());
    const isSettled = vi.fn();
    void feed.settled(60_000).then(isSettled);
    await object.pass(600);
    expect(taken.log).toEqual(["write 1-5", "reset", "write 1-5"]);
    expect(isSettled).not.toHaveBeenCalled();
    await object.pass(500);
    expect(isSettled).toHaveBeenCalled();
    await object.pass(10_000);
    expect(taken.log).toHaveLength(3);
  });

  it("[FEED-12] an object that dies before it has begun again, or halfway, still removes first", async () => {
    for (const diesAfter of [0, 100, 2_100]) {
      const { object, taken, feed } = setUp(10);
      object.change(15);
      await object.pass(16_000);
      taken.state.writeMs = 400;
      feed.fromZero(Date.now());
      await object.pass(diesAfter);
      object.die();
      const revived = recorder("recorder", 10);
      object.feed(revived.consumer);
      await object.pass(40_000);
      expect(revived.log).toEqual(["reset", "write 1-10", "write 11-15"]);
      expect(object.cursors.get("recorder")).toEqual({ seq: 15, rev: 0 });
    }
  });
});

describe("who waits", () => {
  it("[FEED-13] for nothing, if all is written; or until it is, which ends the gathering", async () => {
    const { object, taken, feed, start } = setUp();
    await feed.settled(1_000);
    object.change();
    await feed.settled(1_000);
    expect(taken.batches.map(({ at }) => at - start)).toEqual([0]);
    await feed.settled(1_000);
    await object.pass(10);
    object.change();
    await object.pass(10);
    await feed.settled(1_000);
    expect(taken.batches.map(({ at }) => at - start)).toEqual([0, 20]);
  });

  it("[FEED-14] no longer than they want, and not for a write that has failed", async () => {
    const { object, taken, feed, start } = setUp();
    taken.state.writeMs = 800;
    object.change();
    const waiting = feed.settled(250).then(() => Date.now() - start);
    await object.pass(1_000);
    expect(await waiting).toBe(250);
    taken.state.fails = true;
    object.change();
    const failing = feed.settled(60_000).then(() => Date.now() - start);
    await object.pass(2_000);
    expect(await failing).toBe(1_800);
  });
});

describe("several consumers", () => {
  it("[FEED-15] each has its own cursor and times, and one that fails holds up no other", async () => {
    const { object, taken } = setUp();
    const other = recorder("other");
    object.feed({ ...other.consumer, gatherMs: 1_000, intervalMs: 4_000 });
    taken.state.fails = true;
    object.change(2);
    await object.pass(900);
    expect([taken.log.length, other.log.length]).toEqual([1, 0]);
    await object.pass(15_000);
    expect(other.rows()).toEqual([1, 2]);
    expect(Object.fromEntries(object.cursors)).toEqual({ other: { seq: 2, rev: 0 } });
    taken.state.fails = false;
    await object.pass(40_000);
    expect(taken.rows()).toEqual([1, 2]);
    expect(object.cursors.get("recorder")).toEqual({ seq: 2, rev: 0 });
    expect(other.batches).toHaveLength(1);
  });
});
