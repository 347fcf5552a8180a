import { describe, expect, it, vi } from "vitest";
import { prepareStatements } from "../../src/conversation/state/statements.ts";
import { gatherMs, turnSize } from "../../src/realtime/batch-window.ts";
import { FrameBatch } from "../../src/realtime/frame-batch.ts";

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
    const batch = new FrameBatch([event(1), event(2)]);
    const [frame = "", ...more] = batch.joinedWith([event(3)]);
    expect(more).toEqual([]);
    expect(JSON.parse(frame).map(({ n }: { n: number }) => n)).toEqual([1, 2, 3]);
  });

  it("where those of everybody are long, they are joined once and one's own follow in a frame of their own", () => {
    const batch = new FrameBatch([event(1, 5_000), event(2, 5_000)]);
    const frames = batch.joinedWith([event(3)]).map((frame) => JSON.parse(frame));
    expect(frames.map((events) => events.map(({ n }: { n: number }) => n))).toEqual([[1, 2], [3]]);
    expect(batch.joinedWith([])).toEqual([batch.joinedWith([event(4)])[0]]);
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

describe("prepared statements", () => {
  it("are each made when first asked for, once, and not before", () => {
    const made = vi.fn(() => ({ isPrepared: true }));
    const query: Record<string, unknown> = { prepare: made };
    for (const step of ["select", "from", "where", "orderBy", "limit"]) query[step] = () => query;
    const statements = prepareStatements(query as unknown as Parameters<typeof prepareStatements>[0]);
    expect(made).not.toHaveBeenCalled();
    expect(statements.message()).toBe(statements.message());
    expect(made).toHaveBeenCalledTimes(1);
    expect(statements.placeAt()).not.toBe(statements.message());
    expect(made).toHaveBeenCalledTimes(2);
  });
});
