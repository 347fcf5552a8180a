import { describe, expect, it } from "vitest";
import { gatherMs, turnSize } from "../../src/realtime/batch-window.ts";
import { FrameBatch } from "../../src/realtime/frame-batch.ts";
import { lazily } from "../../src/realtime/lazily.ts";

describe("how long a busy conversation gathers", () => {
  it("not at all where little happens, however many listen", () => {
    expect(gatherMs(1, 1_000)).toBe(0);
    expect(gatherMs(3, 1_000)).toBe(0);
  });

  it("longer with more listeners and more work, and never longer than is noticed", () => {
    expect(gatherMs(4, 0)).toBe(0);
    expect(gatherMs(4, 10)).toBe(2);
    expect(gatherMs(4, 40)).toBe(8);
    expect(gatherMs(64, 10)).toBe(8);
    expect(gatherMs(256, 0)).toBe(8);
    expect(gatherMs(256, 1_000)).toBe(20);
  });
});

describe("how much a turn does", () => {
  it("as much as its object's memory bears, whoever listens", () => {
    expect(turnSize({ batching: 0, single: 0 })).toBe(256);
    expect(turnSize({ batching: 100, single: 10 })).toBe(256);
    expect(turnSize({ batching: 0, single: 100 })).toBe(200);
    expect(turnSize({ batching: 1_000, single: 0 })).toBe(50);
    expect(turnSize({ batching: 1_000, single: 1_000 })).toBe(20);
    expect(turnSize({ batching: 0, single: 5_000 })).toBe(16);
  });
});

describe("frames for clients that take many in one", () => {
  const event = (n: number, length = 10) => JSON.stringify({ n, text: "x".repeat(length) });

  it("a socket's own frames travel with those of everybody, after them", () => {
    const parcel = new FrameBatch([event(1), event(2)]);
    const [frame = "", ...more] = parcel.joinedWith([event(3)]);
    expect(more).toEqual([]);
    expect(JSON.parse(frame).map(({ n }: { n: number }) => n)).toEqual([1, 2, 3]);
  });

  it("where those of everybody are long, they are joined once and one's own follow in a frame of their own", () => {
    const parcel = new FrameBatch([event(1, 5_000), event(2, 5_000)]);
    const frames = parcel.joinedWith([event(3)]).map((frame) => JSON.parse(frame));
    expect(frames.map((events) => events.map(({ n }: { n: number }) => n))).toEqual([[1, 2], [3]]);
    expect(parcel.joinedWith([])).toEqual([parcel.joinedWith([event(4)])[0]]);
  });

  it("nothing to say is no frame", () => {
    expect(new FrameBatch([]).joinedWith([])).toEqual([]);
  });

  it("own frames alone are one frame", () => {
    expect(new FrameBatch([]).joinedWith([event(1), event(2)])).toEqual([`[${event(1)},${event(2)}]`]);
  });

  it("the size is that of all frames", () => {
    expect(new FrameBatch(["ab", "cde"]).size).toBe(5);
  });
});

describe("what is made when it is first asked for", () => {
  it("is made once, and not before", () => {
    let made = 0;
    const things = lazily({ one: () => ++made, other: () => "other" });
    expect(made).toBe(0);
    expect([things.one, things.one, things.other]).toEqual([1, 1, "other"]);
    expect(made).toBe(1);
  });
});
