import { describe, expect, it, vi } from "vitest";
import { prepareStatements } from "../../src/conversation/state/statements.ts";
import { gatherMs, turnSize } from "../../src/realtime/batch-window.ts";

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
