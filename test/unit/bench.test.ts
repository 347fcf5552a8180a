/** What the bench decides by itself: how it counts what it hears, and when a difference is more than noise. */
import { describe, expect, it } from "vitest";
import { differences } from "../../bench/compare.ts";
import { batched, type FrameReader, relayed, single, Tally } from "../../bench/frames.ts";
import type { Figures } from "../../bench/measure.ts";
import { type Metric, type Result, sideIn } from "../../bench/report.ts";

const MESSAGE = {
  type: "message.new",
  seq: 7,
  data: { type: "text", content: '{"type":"ack"} {"type":"a.b"}' },
};
const ACK = { type: "ack", request_id: 1, data: { type: "text" } };
const RECEIPT = { type: "message.receipt", data: { status: "delivered" } };
const PRESENCE = { type: "user.presence", data: { status: "offline" } };
const TYPING = { type: "typing.indicator", data: {} };
const ERROR = { type: "error", code: "BAD_REQUEST" };
const NONE = { messages: 0, acks: 0, receipts: 0, presence: 0, others: 0 };

/** Reads a frame out of the middle of a buffer, as it comes from a socket. */
function read(reader: FrameReader, frame: unknown) {
  const text = JSON.stringify(frame);
  const buffer = Buffer.from(`"}${text}{"type":"ack"`);
  return reader.read(buffer, 2, 2 + Buffer.byteLength(text));
}

describe("what the bench hears", () => {
  it.each([
    [MESSAGE, { messages: 1 }],
    [ACK, { acks: 1 }],
    [RECEIPT, { receipts: 1 }],
    [PRESENCE, { presence: 1 }],
    [TYPING, { others: 1 }],
    [ERROR, { others: 1 }],
    [{ type: "message.newer" }, { others: 1 }],
    ["", { others: 1 }],
  ])("[BENCH-1] one event a frame: %j", (event, expected) => {
    expect(read(single, event)).toEqual({ ...NONE, ...expected });
  });

  it.each([
    [[MESSAGE], { messages: 1 }],
    [[MESSAGE, { ...MESSAGE, seq: 8 }, ACK, RECEIPT], { messages: 2, acks: 1, receipts: 1 }],
    [[RECEIPT, RECEIPT, PRESENCE], { receipts: 2, presence: 1 }],
    [[TYPING, ERROR, MESSAGE], { others: 2, messages: 1 }],
    [[], {}],
  ])("[BENCH-2] many events a frame: %j", (events, expected) => {
    const reader = batched();
    for (let time = 0; time < 2; time++) expect(read(reader, events)).toEqual({ ...NONE, ...expected });
  });

  it("[BENCH-3] a frame that was read before is known by its first characters; any other is not", () => {
    const reader = batched();
    const long = Array.from({ length: 20 }, (_, n) => ({ ...MESSAGE, seq: n }));
    const text = Buffer.from(JSON.stringify(long));
    expect(reader.readHead?.(text.subarray(0, 256), text.length)).toBeUndefined();
    read(reader, long);
    expect(reader.readHead?.(text.subarray(0, 256), text.length)).toEqual({ ...NONE, messages: 20 });
    expect(reader.readHead?.(text.subarray(0, 256), text.length + 1)).toBeUndefined();
    const receipts = Buffer.from(JSON.stringify([RECEIPT, MESSAGE]));
    expect(reader.readHead?.(receipts, receipts.length)).toBeUndefined();
  });

  it("[BENCH-4] what came before a phase does not count for it", () => {
    const tally = new Tally();
    tally.add(read(single, MESSAGE), 100);
    const before = tally.now();
    tally.add(read(single, ACK), 20);
    tally.add(read(relayed, "anything"), 30);
    expect(tally.since(before)).toEqual({ ...NONE, acks: 1, messages: 1, frames: 2, bytes: 50 });
    expect(before).toEqual({ ...NONE, messages: 1, frames: 1, bytes: 100 });
  });
});

const TABLES: { phase: string; columns: Metric[] }[] = [
  { phase: "rooms", columns: ["cpu_per_delivery", "client_load"] },
  { phase: "rooms", columns: ["deliveries_per_second"] },
  { phase: "steady", columns: ["cpu_per_delivery"] },
];

/** Runs of one side in one checkout, by their CPU for each delivery. */
function runs(checkout: string | undefined, cpu: number[], more: Partial<Figures> = {}): Result[] {
  return cpu.map((cpu_per_delivery, i) => ({
    scenario: "rooms",
    size: 10,
    side: sideIn("guide", checkout),
    title: "service",
    run: i + 1,
    figures: { cpu_per_delivery, deliveries_per_second: 1e6 / cpu_per_delivery, ...more } as Figures,
  }));
}

function cpuOf(results: Result[], same?: string) {
  return differences(results, TABLES, "old", same).find(({ metric }) => metric === "cpu_per_delivery");
}

describe("a comparison of checkouts", () => {
  const after = runs(undefined, [110, 100, 120]);
  const before = runs("old", [100, 50, 100]);

  it("[BENCH-5] shows medians, ranges, the ratio of the medians and the ratio of each run", () => {
    expect(cpuOf([...after, ...before])).toEqual({
      scenario: "rooms",
      size: 10,
      side: "guide",
      title: "service",
      metric: "cpu_per_delivery",
      before: { median: 100, min: 50, max: 100 },
      after: { median: 110, min: 100, max: 120 },
      ratio: 1.1,
      ratios: { median: 1.2, min: 1.1, max: 2 },
    });
  });

  it("[BENCH-6] pairs turns by their run, in whatever order they came, and leaves out one that broke off", () => {
    const found = cpuOf([...after, ...before.slice(1).reverse()]);
    expect(found?.ratios).toEqual({ median: 1.6, min: 1.2, max: 2 });
    expect(cpuOf(after)).toBeUndefined();
    expect(cpuOf(before)).toBeUndefined();
  });

  it.each([
    ["noise", [100, 100, 110]],
    // The same code was slower the second time: by chance, so it may as well be faster.
    ["noise", [121, 110, 132]],
    ["worse", [109, 99, 118]],
  ])("[BENCH-7] %s where the same code took %j", (verdict, again) => {
    expect(cpuOf([...after, ...before, ...runs(".", again)], ".")?.verdict).toBe(verdict);
  });

  it("[BENCH-8] less is better, but of deliveries a second more", () => {
    const results = [
      ...runs(undefined, [50, 50, 50]),
      ...runs("old", [100, 100, 100]),
      ...runs(".", [50, 50, 50]),
    ];
    const verdicts = differences(results, TABLES, "old", ".").map(({ metric, verdict }) => [metric, verdict]);
    expect(verdicts).toEqual([
      ["cpu_per_delivery", "better"],
      ["deliveries_per_second", "better"],
    ]);
    const back = [
      ...runs(undefined, [100, 100, 100]),
      ...runs("old", [50, 50, 50]),
      ...runs(".", [100, 100, 100]),
    ];
    expect(new Set(differences(back, TABLES, "old", ".").map(({ verdict }) => verdict))).toEqual(
      new Set(["worse"]),
    );
  });

  it("[BENCH-10] compares what the tables of a phase show, and judges neither few runs nor less than a hundredth", () => {
    const steady = [...after, ...before].map((result) => ({ ...result, scenario: "steady" }));
    expect(differences(steady, TABLES, "old").map(({ metric }) => metric)).toEqual(["cpu_per_delivery"]);
    expect(differences(steady, [], "old")).toEqual([]);
    const few = cpuOf([...after.slice(1), ...before, ...runs(".", [110, 100, 120])], ".");
    expect([few?.noise, few?.verdict]).toEqual([{ median: 1, min: 1, max: 1 }, undefined]);
    const same = runs(".", [100, 100, 100]);
    const close = (cpu: number) => [
      ...runs(undefined, [100, 100, 100]),
      ...runs("old", [cpu, cpu, cpu]),
      ...same,
    ];
    expect([99.5, 100.5, 98, 102].map((cpu) => cpuOf(close(cpu), ".")?.verdict)).toEqual([
      "noise",
      "noise",
      "worse",
      "better",
    ]);
  });

  it("[BENCH-9] the noise itself has no verdict, and sides, sizes and scenarios are compared apart", () => {
    const noise = differences([...after, ...runs(".", [110, 100, 120])], TABLES, ".", ".");
    expect(noise.map(({ ratio, verdict }) => [ratio, verdict])).toEqual([
      [1, undefined],
      [1, undefined],
    ]);
    const other = [...after, ...before].map((result) => ({ ...result, size: 100 }));
    const found = differences([...after, ...before, ...other], TABLES, "old");
    expect(found.map(({ size, metric }) => `${size} ${metric}`)).toEqual([
      "10 cpu_per_delivery",
      "10 deliveries_per_second",
      "100 cpu_per_delivery",
      "100 deliveries_per_second",
    ]);
  });
});
