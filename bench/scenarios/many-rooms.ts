/**
 * Many small rooms at once. Busy ones (each member has a message on its way), on the conversations' own sockets and on
 * the users'; and calm ones, as most people chat: one message on its way in a room, groups and direct chats.
 */
import { Driver } from "../driver.ts";
import { undisturbed, warm } from "../measure.ts";
import { beside, leaving, type TableSpec, type Target } from "../report.ts";
import { hubSides, type RoomKind, roomSides, type Side } from "../rooms.ts";
import type { Bench, Options, Scenario } from "../scenario.ts";

/** So many rooms, and what is said in them. */
interface Load {
  phase: string;
  heading: string;
  /** Rooms at once, unless the command line says another number. */
  rooms: number;
  /** Members of each. */
  size: number;
  /** Messages on their way at a time in each room. */
  window: number;
  kind(options: Options): RoomKind;
}

const SIZE = 5;

/** One message on its way in each room, and no `client_message_id`, which few clients send. */
const CALM = { window: 1, size: SIZE, rooms: 200, kind: () => ({ withoutIds: true }) };
const BUSY = { window: SIZE, size: SIZE, rooms: 200, kind: ({ withoutIds }: Options) => ({ withoutIds }) };

const OWN: Load = {
  ...BUSY,
  phase: "many-rooms: all send, pipelined",
  heading: `Many rooms of ${SIZE} at once, on the conversations' own sockets`,
};
const HUB: Load = {
  ...BUSY,
  phase: "hub: all send, pipelined",
  heading: "The same over /ws: every user's own socket, through their hub",
};
const SMALL: Load = {
  ...CALM,
  phase: "small-rooms: one outstanding",
  heading: `Many rooms of ${SIZE} at once, one message on its way in each`,
};
const DIRECT: Load = {
  ...CALM,
  phase: "direct-chats: one outstanding",
  heading: "Many direct chats at once, one message on its way in each",
  rooms: 500,
  size: 2,
  kind: () => ({ isDirect: true, withoutIds: true }),
};

function roomCount({ rooms }: Load, options: Options): number {
  return options.rooms ?? (options.quick ? rooms / 10 : rooms);
}

async function manyRooms(bench: Bench, load: Load, side: Side): Promise<void> {
  const { options } = bench;
  const count = roomCount(load, options);
  const driver = await Driver.connect(...(await side.open(count, load.size, load.kind(options))));
  try {
    const use = (briefly = 0.5) => driver.use(briefly, load.window);
    await warm(side, options, use);
    const run = () => driver.pipelined(options.seconds, load.window);
    bench.keep(load.phase, count, side, await undisturbed(side, options, run, use));
  } finally {
    driver.close();
  }
  await bench.parted(side);
}

function tablesOf({ phase, heading }: Load): TableSpec[] {
  return [
    {
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
    },
    leaving(phase, "rooms"),
  ];
}

/** CPU for each delivery, beside the relay with one insert, is at most so much. */
function target(load: Load, side: "guide" | "hub", most: number, options: Options): Target {
  const size = roomCount(load, options);
  const what = load.kind(options).isDirect ? `${size} direct chats` : `${size} rooms of ${load.size}`;
  const how = load.window === 1 ? ", one outstanding" : "";
  return {
    about: `${what}${side === "hub" ? " over /ws" : ""}${how}: CPU for each delivery, beside the relay with one insert`,
    phase: load.phase,
    metric: "cpu_per_delivery",
    row: { side, size },
    base: { side: "insert", size },
    most,
  };
}

function scenario(
  name: string,
  load: Load,
  kinds: (typeof roomSides)[],
  targets: ["guide" | "hub", number][],
): Scenario {
  return {
    name,
    comparable: true,
    async run(bench) {
      await bench.inTurns(await bench.roomSides(...kinds), (side) => manyRooms(bench, load, side));
    },
    tables: () => tablesOf(load),
    targets: (options) => targets.map(([side, most]) => target(load, side, most, options)),
  };
}

export const ownSockets = scenario("many-rooms", OWN, [roomSides], [["guide", 1.25]]);

export const hub = scenario("hub", HUB, [hubSides], [["hub", 3]]);

export const smallRooms = scenario(
  "small-rooms",
  SMALL,
  [roomSides, hubSides],
  [
    ["guide", 1.4],
    ["hub", 4],
  ],
);

export const directChats = scenario("direct-chats", DIRECT, [roomSides, hubSides], [["hub", 4]]);
