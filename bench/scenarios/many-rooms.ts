/** Many small rooms at once: on the conversations' own sockets, and on the users' sockets through their hubs. */
import { Driver } from "../driver.ts";
import { undisturbed, warm } from "../measure.ts";
import { beside, type TableSpec } from "../report.ts";
import { floorSides, hubSides, roomSides, type Side } from "../rooms.ts";
import type { Bench, Options, Scenario } from "../scenario.ts";

const SIZE = 5;
/** On their way at a time in each room: one for each member. */
const WINDOW = SIZE;

/** Rooms at once. */
export function roomCount({ quick }: Options): number {
  return quick ? 20 : 200;
}

async function manyRooms(bench: Bench, phase: string, side: Side): Promise<void> {
  const { options } = bench;
  const count = roomCount(options);
  const driver = await Driver.connect(...(await side.open(count, SIZE)));
  try {
    await warm(side, options.quick, (briefly) => driver.pipelined(briefly, WINDOW));
    const run = () => driver.pipelined(options.seconds, WINDOW);
    bench.keep(phase, count, side, await undisturbed(side, options, run));
  } finally {
    driver.close();
  }
  await bench.parted(side);
}

function tableOf(phase: string, heading: string): TableSpec {
  return {
    phase,
    heading,
    of: "rooms",
    columns: [
      "cpu_per_delivery",
      "deliveries_per_second",
      "messages_per_second",
      "directory_cpu_per_message",
      "client_load",
      "others",
    ],
    comparisons: [beside("relay"), beside("insert")],
  };
}

const OWN = "many-rooms: all send, pipelined";
const HUB = "hub: all send, pipelined";

export const ownSockets: Scenario = {
  name: "many-rooms",
  async run(bench) {
    const service = await bench.servers.service();
    const sides = [...floorSides(await bench.servers.floor()), ...roomSides(service, bench.crowd(service))];
    await bench.inTurns(bench.wanted(sides), (side) => manyRooms(bench, OWN, side));
  },
  tables: () => [tableOf(OWN, `Many rooms of ${SIZE} at once, on the conversations' own sockets`)],
  targets: (options) => [
    {
      about: `${roomCount(options)} rooms of ${SIZE}: CPU for each delivery, beside the relay with one insert`,
      phase: OWN,
      metric: "cpu_per_delivery",
      row: { side: "guide", size: roomCount(options) },
      base: { side: "insert", size: roomCount(options) },
      most: 1.25,
    },
  ],
};

export const hub: Scenario = {
  name: "hub",
  async run(bench) {
    const service = await bench.servers.service();
    const sides = [...floorSides(await bench.servers.floor()), ...hubSides(service, bench.crowd(service))];
    await bench.inTurns(bench.wanted(sides), (side) => manyRooms(bench, HUB, side));
  },
  tables: () => [tableOf(HUB, `The same over /ws: every user's own socket, through their hub`)],
  targets: (options) => [
    {
      about: `${roomCount(options)} rooms of ${SIZE} over /ws: CPU for each delivery, beside the relay with one insert`,
      phase: HUB,
      metric: "cpu_per_delivery",
      row: { side: "hub", size: roomCount(options) },
      base: { side: "insert", size: roomCount(options) },
      most: 3,
    },
  ],
};
