/**
 * One room, everybody on the conversation's own socket or on the user's: first all of them send as fast as a bounded
 * window lets them, then one sends at a steady rate.
 */
import { Driver } from "../driver.ts";
import { undisturbed, warm } from "../measure.ts";
import { beside, leaving, type TableSpec } from "../report.ts";
import { hubSides, roomSides, type Side } from "../rooms.ts";
import type { Bench, Scenario } from "../scenario.ts";

const PIPELINED = "rooms: all send, pipelined";
const STEADY = "rooms: one sends 50 a second";
const HUB_PIPELINED = "hub-rooms: all send, pipelined";
const HUB_STEADY = "hub-rooms: one sends 50 a second";
const STEADY_PER_SECOND = 50;

/** Both phases in one new room. */
async function room(bench: Bench, phases: [string, string], side: Side, size: number): Promise<void> {
  const { options } = bench;
  const { seconds, window, withoutIds } = options;
  const driver = await Driver.connect(...(await side.open(1, size, { withoutIds })));
  try {
    const use = (briefly = 0.5) => driver.use(briefly, window);
    await warm(side, options, use);
    const pipelined = () => driver.pipelined(seconds, window);
    bench.keep(phases[0], size, side, await undisturbed(side, options, pipelined, use));
    const steady = () => driver.steady(seconds, STEADY_PER_SECOND);
    bench.keep(phases[1], size, side, await undisturbed(side, options, steady, use));
  } finally {
    driver.close();
  }
  await bench.parted(side);
}

const comparisons = [beside("relay"), beside("insert")];

function tablesOf([pipelined, steady]: [string, string], where: string): TableSpec[] {
  return [
    {
      phase: pipelined,
      heading: `One room${where}, all send, so many messages on their way at a time, every delivery counted`,
      of: "room",
      columns: [
        "cpu_per_delivery",
        "deliveries_per_second",
        "messages_per_second",
        "directory_cpu_per_message",
        "client_load",
        "others",
      ],
      comparisons,
    },
    leaving(pipelined, "room"),
    {
      phase: steady,
      heading: `One room${where}, one sends ${STEADY_PER_SECOND} messages a second`,
      of: "room",
      columns: ["cpu_per_delivery", "p50", "p99", "directory_cpu_per_message", "client_load", "others"],
      comparisons,
    },
    leaving(steady, "room"),
  ];
}

export const rooms: Scenario = {
  name: "rooms",
  comparable: true,
  async run(bench) {
    const sides = await bench.roomSides(roomSides);
    for (const size of bench.options.sizes) {
      await bench.inTurns(sides, (side) => room(bench, [PIPELINED, STEADY], side, size));
    }
  },
  tables: () => tablesOf([PIPELINED, STEADY], ""),
  targets: () => [
    {
      about: "room of 100, one event a frame: CPU for each delivery, beside the relay with one insert",
      phase: PIPELINED,
      metric: "cpu_per_delivery",
      row: { side: "guide", size: 100 },
      base: { side: "insert", size: 100 },
      most: 1.2,
    },
    {
      about: "room of 100, one event a frame: CPU for each delivery, beside the bare relay",
      phase: PIPELINED,
      metric: "cpu_per_delivery",
      row: { side: "guide", size: 100 },
      base: { side: "relay", size: 100 },
      most: 1,
    },
    {
      about: "room of 100, batched frames: deliveries a second, beside the bare relay",
      phase: PIPELINED,
      metric: "deliveries_per_second",
      row: { side: "batch", size: 100 },
      base: { side: "relay", size: 100 },
      least: 15,
    },
    {
      about: "room of 100, batched frames: CPU for each delivery, beside the bare relay",
      phase: PIPELINED,
      metric: "cpu_per_delivery",
      row: { side: "batch", size: 100 },
      base: { side: "relay", size: 100 },
      most: 0.1,
    },
    {
      about: "room of 100, batched short frames: deliveries a second, beside the bare relay",
      phase: PIPELINED,
      metric: "deliveries_per_second",
      row: { side: "lean", size: 100 },
      base: { side: "relay", size: 100 },
      least: 15,
    },
    {
      about: "room of 10, one event a frame: CPU for each delivery, beside the relay with one insert",
      phase: PIPELINED,
      metric: "cpu_per_delivery",
      row: { side: "guide", size: 10 },
      base: { side: "insert", size: 10 },
      most: 1.2,
    },
    {
      about: "room of 10, batched short frames: CPU for each delivery, beside the relay with one insert",
      phase: PIPELINED,
      metric: "cpu_per_delivery",
      row: { side: "lean", size: 10 },
      base: { side: "insert", size: 10 },
      most: 0.35,
    },
    {
      about: "room of 10, batched frames: durable messages a second, beside the relay with one insert",
      phase: PIPELINED,
      metric: "messages_per_second",
      row: { side: "batch", size: 10 },
      base: { side: "insert", size: 10 },
      least: 4,
    },
    ...(["p50", "p99"] as const).map((metric) => ({
      about: `room of 10, one sends 50 a second: ${metric} send to receive, beside the relay with one insert`,
      phase: STEADY,
      metric,
      row: { side: "guide", size: 10 },
      base: { side: "insert", size: 10 },
      most: metric === "p50" ? 1.2 : 1.5,
    })),
  ],
};

export const hubRooms: Scenario = {
  name: "hub-rooms",
  comparable: true,
  async run(bench) {
    const sides = await bench.roomSides(hubSides);
    for (const size of bench.options.sizes) {
      await bench.inTurns(sides, (side) => room(bench, [HUB_PIPELINED, HUB_STEADY], side, size));
    }
  },
  tables: () => tablesOf([HUB_PIPELINED, HUB_STEADY], " over /ws"),
  targets: () =>
    (["p50", "p99"] as const).map((metric) => ({
      about: `room of 10 over /ws, one sends 50 a second: ${metric}, beside the relay with one insert`,
      phase: HUB_STEADY,
      metric,
      row: { side: "hub", size: 10 },
      base: { side: "insert", size: 10 },
      most: 3,
    })),
};
