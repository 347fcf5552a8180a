/** What a socket on which nothing happens holds of the server's memory. Each turn begins with a new process. */
import { setTimeout as sleep } from "node:timers/promises";
import { Driver } from "../driver.ts";
import { settle, undisturbed } from "../measure.ts";
import { beside } from "../report.ts";
import { hubSides, roomSides, type Side } from "../rooms.ts";
import type { Bench, Options, Scenario } from "../scenario.ts";

const PHASE = "idle: memory of sockets";
/** The platform puts an object to sleep after 10 s without work. */
const ASLEEP_AFTER_MS = 13_000;

/** Each room takes so many; a user's socket has an object of its own in any case. */
function layoutOf({ quick }: Options): { rooms: number; size: number } {
  return quick ? { rooms: 2, size: 50 } : { rooms: 10, size: 100 };
}

async function idle(bench: Bench, side: Side): Promise<void> {
  const { rooms, size } = layoutOf(bench.options);
  const made = await side.open(rooms, size);
  await settle(side);
  await side.server.restart();
  // What the code itself takes, and the first of everything, is not a socket's.
  const [first] = await side.open(1, 2);
  const warm = first && (await Driver.connect(first));
  await settle(side);
  const before = side.server.memory();
  let driver: Driver | undefined;
  try {
    const start = performance.now();
    const sockets = rooms * size;
    const figures = await undisturbed(side, { ...bench.options, attempts: 1 }, async () => {
      driver = await Driver.connect(...made);
      const seconds = (performance.now() - start) / 1000;
      return { messages: sockets, deliveries: sockets, seconds, latencies: new Float64Array() };
    });
    await sleep(bench.options.quick ? 1_000 : ASLEEP_AFTER_MS);
    const kib_per_socket = (side.server.memory() - before) / 1024 / sockets;
    bench.keep(PHASE, sockets, side, { ...figures, kib_per_socket });
  } finally {
    driver?.close();
    warm?.close();
  }
  await bench.parted(side);
}

export const idleSockets: Scenario = {
  name: "idle",
  comparable: true,
  async run(bench) {
    const sides = await bench.roomSides(roomSides, hubSides);
    const different = sides.filter(({ name }) => ["relay", "guide", "hub"].includes(name));
    await bench.inTurns(different, (side) => idle(bench, side));
  },
  tables: () => [
    {
      phase: PHASE,
      heading: "Memory for each idle socket, objects asleep; over /ws each has an object of its own",
      of: "sockets",
      columns: ["kib_per_socket", "others"],
      comparisons: [beside("relay")],
    },
  ],
  targets: () => [],
};
