import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { RecentTraces } from "../../src/conversation/push/recent-traces.ts";
import { type Command, commandOfFrame } from "../../src/domain/command.ts";
import {
  childOf,
  newTrace,
  parseTraceparent,
  safeToken,
  traceFields,
  traceOfRequest,
} from "../../src/domain/trace.ts";
import { log } from "../../src/log.ts";
import { carrying, takeTraces } from "../../src/realtime/traced-calls.ts";
import { currentTrace, inNewTrace, inTrace } from "../../src/tracing.ts";

const TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN_ID = "00f067aa0ba902b7";
const HEADER = `00-${TRACE_ID}-${SPAN_ID}-01`;
const ZERO_TRACE = "0".repeat(32);
const ZERO_SPAN = "0".repeat(16);

/** A `traceparent` that we make, behind which a request's id may stand. */
const OURS = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-0[01]( .+)?$/;

const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`));
/** Ids that are not zeros alone. */
const id = (length: number) => hex(length).filter((one) => /[^0]/.test(one));

describe("a traceparent (W3C Trace Context, level 1)", () => {
  it("[TRACE-1] of version 00 is read: both ids, and the one flag that level 1 knows", () => {
    expect(parseTraceparent(HEADER)).toEqual({ trace_id: TRACE_ID, span_id: SPAN_ID, is_sampled: true });
    for (const [flags, is_sampled] of [
      ["00", false],
      ["01", true],
      ["02", false],
      ["03", true],
      ["ff", true],
    ] as const)
      expect(parseTraceparent(`00-${TRACE_ID}-${SPAN_ID}-${flags}`)?.is_sampled).toBe(is_sampled);
  });

  it("[TRACE-1] of a later version is read as far as we know it, and no other", () => {
    const known = { trace_id: TRACE_ID, span_id: SPAN_ID, is_sampled: true };
    for (const later of [
      `01-${TRACE_ID}-${SPAN_ID}-01`,
      `cc-${TRACE_ID}-${SPAN_ID}-09-what-comes.later`,
      `fe-${TRACE_ID}-${SPAN_ID}-01-`,
    ])
      expect(parseTraceparent(later)).toEqual(known);
    for (const refused of [
      `ff-${TRACE_ID}-${SPAN_ID}-01`,
      `01-${TRACE_ID}-${SPAN_ID}-01.x`,
      `01-${TRACE_ID}-${SPAN_ID}-011`,
    ])
      expect(parseTraceparent(refused)).toBeUndefined();
  });

  it.each([
    undefined,
    "",
    "00",
    HEADER.toUpperCase(),
    `00-${TRACE_ID}-${SPAN_ID}-01-more`,
    `00-${TRACE_ID}-${SPAN_ID}-01-`,
    `00-${TRACE_ID}-${SPAN_ID}-1`,
    `00-${TRACE_ID}-${SPAN_ID}`,
    `00-${ZERO_TRACE}-${SPAN_ID}-01`,
    `00-${TRACE_ID}-${ZERO_SPAN}-01`,
    `0-${TRACE_ID}-${SPAN_ID}-01`,
    `000-${TRACE_ID}-${SPAN_ID}-01`,
    `00-${TRACE_ID.slice(1)}-${SPAN_ID}-01`,
    `00-${TRACE_ID}0-${SPAN_ID}-01`,
    `00-${TRACE_ID}-${SPAN_ID.slice(1)}g-01`,
    `00_${TRACE_ID}_${SPAN_ID}_01`,
    ` ${HEADER}`,
    `${HEADER}\n`,
    // Two headers of that name arrive as one.
    `${HEADER}, ${HEADER}`,
    `00-${TRACE_ID}-${SPAN_ID}-01","event":"forged`,
    "\u0660\u0660".padEnd(55, "0"),
    "0".repeat(100_000),
  ])("[TRACE-2] that is malformed is none (%#)", (header) => {
    expect(parseTraceparent(header)).toBeUndefined();
    const { trace, parent_span_id } = traceOfRequest(header, "r1");
    expect(trace).toMatch(OURS);
    expect(parent_span_id).toBeUndefined();
    expect(trace).not.toContain(TRACE_ID);
  });

  it("[TRACE-2] whatever the header is, there is a trace, and nothing of the header in it but valid ids", () => {
    const hostile = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.stringMatching(/^[0-9a-f]{2}-[0-9a-f]{30,34}-[0-9a-f]{14,18}-[0-9a-f]{1,3}(-.*)?$/),
      fc.tuple(hex(2), hex(32), hex(16), hex(2)).map((parts) => parts.join("-")),
    );
    fc.assert(
      fc.property(hostile, (header) => {
        const { trace, parent_span_id } = traceOfRequest(header, "r1");
        expect(trace).toMatch(OURS);
        expect(traceFields(trace).request_id).toBe("r1");
        const parsed = parseTraceparent(header);
        expect(parent_span_id).toBe(parsed?.span_id);
        if (parsed) expect(header).toContain(traceFields(trace).trace_id);
        else expect(header).not.toContain(traceFields(trace).trace_id);
      }),
    );
  });

  it("[TRACE-3] is carried on: the same trace and flag, a span of our own, the caller's as its parent", () => {
    fc.assert(
      fc.property(
        id(32),
        id(16),
        hex(2),
        fc.stringMatching(/^[\w=-]{1,255}$/),
        (trace_id, span_id, flags, request_id) => {
          const { trace, parent_span_id } = traceOfRequest(`00-${trace_id}-${span_id}-${flags}`, request_id);
          const fields = traceFields(trace);
          expect(fields).toEqual({ request_id, trace_id, span_id: expect.stringMatching(/^[0-9a-f]{16}$/) });
          expect(parent_span_id).toBe(span_id);
          expect(fields.span_id).not.toBe(span_id);
          // Flags of a later level are not passed on.
          expect(trace.slice(53, 55)).toBe(Number.parseInt(flags, 16) % 2 === 1 ? "01" : "00");
          const child = childOf(trace);
          expect(traceFields(child)).toEqual({ ...fields, span_id: expect.stringMatching(/^[0-9a-f]{16}$/) });
          expect(traceFields(child).span_id).not.toBe(fields.span_id);
          expect(child.slice(52)).toBe(trace.slice(52));
        },
      ),
    );
  });

  it("[TRACE-3] ids are never zeros alone, and what no request began has no request_id", () => {
    const random = vi.fn((bytes: number) => "0".repeat(bytes * 2));
    random
      .mockImplementationOnce((bytes) => "0".repeat(bytes * 2))
      .mockImplementationOnce((bytes) => "0a".repeat(bytes));
    random
      .mockImplementationOnce((bytes) => "0".repeat(bytes * 2))
      .mockImplementationOnce((bytes) => "b0".repeat(bytes));
    const trace = newTrace(undefined, random);
    expect(trace).toBe(`00-${"0a".repeat(16)}-${"b0".repeat(8)}-01`);
    expect(traceFields(trace)).toEqual({ trace_id: "0a".repeat(16), span_id: "b0".repeat(8) });
    expect(traceFields(childOf(trace))).not.toHaveProperty("request_id");
    expect(new Set(Array.from({ length: 100 }, () => newTrace())).size).toBe(100);
  });
});

describe("a frame's request_id in the log", () => {
  it("[TRACE-4] is a short word, or it is left out", () => {
    expect([safeToken("r-1"), safeToken(7), safeToken("3f0c8a52-3a35-4f53-9d36-1e4f6a2f8e10")]).toEqual([
      "r-1",
      "7",
      "3f0c8a52-3a35-4f53-9d36-1e4f6a2f8e10",
    ]);
    for (const value of [
      undefined,
      "",
      "a b",
      "Zoë",
      "ann@example.com",
      "x".repeat(65),
      '","level":"x',
      "a\n",
    ])
      expect(safeToken(value)).toBeUndefined();
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (value) => {
        expect(safeToken(value) ?? "x").toMatch(/^[\w.:=-]{1,64}$/);
      }),
    );
  });
});

/** The lines that are written while something runs. */
async function linesOf(run: () => unknown): Promise<Record<string, unknown>[]> {
  const spy = vi.spyOn(console, "log").mockImplementation(() => undefined);
  try {
    await run();
    return spy.mock.calls.map(([line]) => JSON.parse(String(line)));
  } finally {
    spy.mockRestore();
  }
}

describe("the running trace", () => {
  it("[TRACE-5] follows what waits for what, and a line says it; another one, or none, where the line is about that", async () => {
    const [own, other] = [newTrace("own"), newTrace("other")];
    const lines = await linesOf(async () => {
      log("info", "before.all");
      await Promise.all([
        inTrace(own, async () => {
          await new Promise((resolve) => setTimeout(resolve, 2));
          log("info", "its.own");
          log("info", "of.another", {}, other);
          log("info", "of.none", {}, null);
          inTrace(undefined, () => log("info", "its.own"));
        }),
        inTrace(other, async () => log("info", "the.other")),
      ]);
    });
    const said = lines.map(({ event, request_id = null, trace_id = null }) => [event, request_id, trace_id]);
    const [ownId, otherId] = [traceFields(own).trace_id, traceFields(other).trace_id];
    expect(said).toEqual([
      ["before.all", null, null],
      ["the.other", "other", otherId],
      ["its.own", "own", ownId],
      ["of.another", "other", otherId],
      ["of.none", null, null],
      ["its.own", "own", ownId],
    ]);
  });

  it("[TRACE-5] of an alarm is made when its first line needs it, and is the same for all of them", async () => {
    const random = vi.spyOn(crypto, "getRandomValues");
    inNewTrace(() => undefined);
    expect(random).not.toHaveBeenCalled();
    random.mockRestore();
    const [first, second] = inNewTrace(() => [currentTrace(), currentTrace()]);
    expect(first).toMatch(OURS);
    expect(second).toBe(first);
    expect(inNewTrace(currentTrace)).not.toBe(first);
    expect(currentTrace()).toBeUndefined();
  });
});

/** An object: what its methods were called with, and in which trace. */
function pair() {
  const heard: [name: string, args: unknown[], trace: string | undefined][] = [];
  class Receiver {
    readonly at = "here";
    async askPush(...args: unknown[]) {
      heard.push(["askPush", args, currentTrace()]);
      return this.at;
    }
    async execute(...args: unknown[]) {
      heard.push(["execute", args, currentTrace()]);
    }
    async rebuildProjection(...args: unknown[]) {
      heard.push(["rebuildProjection", args, currentTrace()]);
    }
    async alarm() {
      heard.push(["alarm", [], currentTrace()]);
    }
  }
  return { heard, Receiver };
}

describe("calls of objects", () => {
  it("[TRACE-6] carry the trace behind their last argument, a command carries it itself, and others are as they were", async () => {
    const { heard, Receiver } = pair();
    takeTraces(Receiver.prototype);
    const trace = newTrace("r1");
    const stub = carrying(new Receiver(), trace);
    expect(await stub.askPush("ann", "devices", null)).toBe("here");
    await stub.execute("ann", { operation: "sendMessage", input: {} });
    await stub.rebuildProjection();
    expect(heard).toEqual([
      ["askPush", ["ann", "devices", null, trace], trace],
      ["execute", ["ann", { operation: "sendMessage", input: {}, trace }], undefined],
      ["rebuildProjection", [], undefined],
    ]);
    const plain = new Receiver();
    expect(carrying(plain, undefined)).toBe(plain);
  });

  it("[TRACE-7] an object of an older release goes on with one argument more, and one of today's with none", async () => {
    const { heard, Receiver } = pair();
    const trace = newTrace("r1");
    // It has not learned to take traces.
    expect(await carrying(new Receiver(), trace).askPush("ann", "devices", null)).toBe("here");
    takeTraces(Receiver.prototype);
    expect(await new Receiver().askPush("ann", "devices", null)).toBe("here");
    expect(heard.map(([, , running]) => running)).toEqual([undefined, undefined]);
  });

  it("[TRACE-7] each call that carries one has all of its arguments required, so that none can be taken for another", () => {
    const files = ["src/realtime/objects.ts", "src/domain/attachments.ts"];
    const source = files.map((file) => readFileSync(file, "utf8")).join("\n");
    const table = readFileSync("src/realtime/traced-calls.ts", "utf8");
    const places = [...table.matchAll(/^ {2}(\w+): (\d),$/gm)].map(
      ([, name = "", place]) => [name, Number(place)] as const,
    );
    expect(places.length).toBeGreaterThan(8);
    for (const [name, place] of places) {
      const declared = [
        ...source.matchAll(new RegExp(`^ {2}${name}(?:<[^(]*>)?\\(([^)]*)\\): Promise`, "gm")),
      ];
      expect(declared.length, name).toBeGreaterThan(0);
      for (const [, parameters = ""] of declared) {
        expect(parameters.split(",").filter((one) => one.trim() !== "")).toHaveLength(place);
        expect(parameters).not.toContain("?:");
      }
    }
  });

  it("[TRACE-6] an alarm begins a trace of its own", async () => {
    const { heard, Receiver } = pair();
    takeTraces(Receiver.prototype);
    const [one, other] = [new Receiver(), new Receiver()];
    await Promise.all([one.alarm(), other.alarm()]);
    const [first, second] = heard.map(([, , trace]) => trace);
    expect([first, second]).toEqual([expect.stringMatching(OURS), expect.stringMatching(OURS)]);
    expect(first).not.toBe(second);
  });

  it("[TRACE-8] a frame's command has its socket's trace, whatever the frame says", () => {
    const frame = {
      type: "message.send",
      conversation_id: "c",
      data: { type: "text", content: "x" },
      trace: "forged",
    };
    const command: Command = commandOfFrame(frame as never, HEADER);
    expect(command.trace).toBe(HEADER);
    expect(commandOfFrame(frame as never, undefined).trace).toBeUndefined();
  });
});

describe("the traces of recent messages", () => {
  it("[TRACE-9] are known by number, each with its own, and no other number has one", () => {
    const step = fc.record({
      skipped: fc.nat(3),
      taken: fc.integer({ min: 1, max: 4 }),
      trace: fc.constantFrom("a", "b", "c"),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const traces = new RecentTraces();
        const expected = new Map<number, string>();
        let head = 0;
        for (const { skipped, taken, trace } of steps) {
          const from = head + skipped + 1;
          head = from + taken - 1;
          traces.add(from, head, trace);
          for (let seq = from; seq <= head; seq++) expected.set(seq, trace);
        }
        for (let seq = 0; seq <= head + 1; seq++) expect(traces.of(seq)).toBe(expected.get(seq));
      }),
    );
  });

  it("[TRACE-9] the newest are kept", () => {
    const traces = new RecentTraces();
    for (let seq = 1; seq <= 1_000; seq++) traces.add(seq, seq, `trace ${seq}`);
    expect([traces.of(1_000), traces.of(801), traces.of(800)]).toEqual([
      "trace 1000",
      "trace 801",
      undefined,
    ]);
  });
});
