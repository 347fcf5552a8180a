/** How fast sockets open. One is established when its first frame is here; a relay's, when the upgrade is answered. */
import { Connection } from "../client.ts";
import type { Phase, Room } from "../driver.ts";
import { settle, undisturbed } from "../measure.ts";
import { beside, type TableSpec } from "../report.ts";
import { hubSides, roomSides, type Side } from "../rooms.ts";
import type { Bench, Options, Scenario } from "../scenario.ts";

const PHASE = "connect: sockets opened";
const AGAIN = "connect: sockets opened again";
const SIZE = 5;
const CONNECTING = 25;

function roomCount({ quick }: Options): number {
  return quick ? 10 : 200;
}

/** Opens a socket and waits until it is established. */
async function open(url: string, headers: Record<string, string>, hearsFirst: boolean): Promise<Connection> {
  let established = () => {};
  let lost: (error: Error) => void = () => {};
  const first = new Promise<void>((resolve, reject) => {
    established = resolve;
    lost = reject;
  });
  // Also when nobody waits for it any more.
  first.catch(() => undefined);
  const connection = await Connection.open(url, headers, {
    frame: () => established(),
    read: () => undefined,
    lost: (reason) => lost(new Error(reason)),
  });
  if (hearsFirst) await first;
  return connection;
}

/** Opens all sockets of these rooms, so many at a time. */
async function openAll(side: Side, seats: Room["seats"], connections: Connection[]): Promise<Phase> {
  const hearsFirst = side.directory !== undefined;
  const latencies: number[] = [];
  let next = 0;
  const start = performance.now();
  const openNext = async () => {
    for (let seat = seats[next++]; seat !== undefined; seat = seats[next++]) {
      const before = performance.now();
      connections.push(await open(seat.url, seat.headers, hearsFirst));
      latencies.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: CONNECTING }, openNext));
  return {
    messages: seats.length,
    deliveries: seats.length,
    seconds: (performance.now() - start) / 1000,
    latencies: Float64Array.from(latencies).sort(),
  };
}

/** Everybody connects for the first time, and once more after all were cut off. */
async function connectAll(bench: Bench, side: Side): Promise<void> {
  const rooms = await side.open(roomCount(bench.options), SIZE);
  const seats = rooms.flatMap((room) => room.seats);
  await settle(side);
  // Once each: an object that has been connected to is no longer new.
  const patience = { ...bench.options, attempts: 1 };
  for (const phase of [PHASE, AGAIN]) {
    const connections: Connection[] = [];
    try {
      const run = async () => await openAll(side, seats, connections);
      bench.keep(phase, seats.length, side, await undisturbed(side, patience, run));
    } finally {
      for (const connection of connections) connection.close();
    }
  }
  await bench.parted(side);
}

function tableOf(phase: string, heading: string): TableSpec {
  return {
    phase,
    heading,
    of: "sockets",
    columns: [
      "messages_per_second",
      "cpu_per_message",
      "p50",
      "p99",
      "directory_cpu_per_message",
      "client_load",
      "others",
    ],
    comparisons: [beside("relay")],
  };
}

export const connect: Scenario = {
  name: "connect",
  comparable: true,
  async run(bench) {
    const sides = await bench.roomSides(roomSides, hubSides);
    // How events are framed does not matter here, and neither does what a relay would write.
    const different = sides.filter(({ name }) => ["relay", "guide", "hub"].includes(name));
    await bench.inTurns(different, (side) => connectAll(bench, side));
  },
  tables: () => [
    tableOf(PHASE, `Sockets opened and established, in rooms of ${SIZE}, ${CONNECTING} at a time`),
    tableOf(AGAIN, "The same again, a moment after all of them were closed"),
  ],
  targets: () => [],
};
