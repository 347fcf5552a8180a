/**
 * One room, everybody on the conversation's own socket: first all of them send as fast as a bounded window lets them,
 * then one sends at a steady rate.
 */
import { Driver } from "../driver.ts";
import { undisturbed, warm } from "../measure.ts";
import { beside } from "../report.ts";
import { floorSides, roomSides, type Side } from "../rooms.ts";
import type { Bench, Scenario } from "../scenario.ts";

const PIPELINED = "rooms: all send, pipelined";
const STEADY = "rooms: one sends 50 a second";
const STEADY_PER_SECOND = 50;

/** Both phases in one new room. */
async function room(bench: Bench, side: Side, size: number): Promise<void> {
  const { seconds, window, quick } = bench.options;
  const driver = await Driver.connect(...(await side.open(1, size)));
  try {
    await warm(side, quick, (briefly) => driver.pipelined(briefly, window));
    const pipelined = await undisturbed(side, bench.options, () => driver.pipelined(seconds, window));
    bench.keep(PIPELINED, size, side, pipelined);
    const steady = await undisturbed(side, bench.options, () => driver.steady(seconds, STEADY_PER_SECOND));
    bench.keep(STEADY, size, side, steady);
  } finally {
    driver.close();
  }
  await bench.parted(side);
}

const comparisons = [beside("relay"), beside("insert")];

export const rooms: Scenario = {
  name: "rooms",
  async run(bench) {
    const service = await bench.servers.service();
    const sides = [...floorSides(await bench.servers.floor()), ...roomSides(service, bench.crowd(service))];
    for (const size of bench.options.sizes) {
      await bench.inTurns(bench.wanted(sides), (side) => room(bench, side, size));
    }
  },
  tables: () => [
    {
      phase: PIPELINED,
      heading: "One room, all send, so many messages on their way at a time, every delivery counted",
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
    {
      phase: STEADY,
      heading: "One room, one sends 50 messages a second",
      of: "room",
      columns: ["cpu_per_delivery", "p50", "p99", "directory_cpu_per_message", "client_load", "others"],
      comparisons,
    },
  ],
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
      most: metric === "p50" ? 1.3 : 1.5,
    })),
  ],
};
