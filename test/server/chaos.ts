/**
 * [CHAOS] Fifty clients behind a bad network, and a runtime that is killed every few seconds (`npm run chaos`).
 *
 * At the end every acknowledged message must be stored once, in the order of its sender, every client must have come
 * to know every message once, in order, all must hold the same, and their receipts must be those of the server.
 * `--help` lists the flags.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { readArguments, wholeNumbers } from "../../scripts/arguments.ts";
import { devUserId } from "../../scripts/dev-token.ts";
import { DevServer } from "../../scripts/serve.ts";
import {
  checkEqual,
  checkHistory,
  checkLog,
  checkReceipts,
  historyOf,
  type Room,
  settled,
} from "./chaos-checks.ts";
import { ChaosClient } from "./chaos-clients.ts";
import { BadNetwork } from "./chaos-proxy.ts";

const USAGE = `
Usage: npm run chaos -- [flags]

Clients behind a bad network, and a runtime that is killed every few seconds; all must end up equal.

  --kills <number>      how often; 30
  --messages <number>   messages that are sent at least; 20000
  --clients <number>    50
`;

const flags = readArguments({
  usage: USAGE,
  options: {
    kills: { type: "string", default: "30" },
    messages: { type: "string", default: "20000" },
    clients: { type: "string", default: "50" },
  },
}).values;
const wanted = wholeNumbers(flags);

/** From the first acknowledgement after a kill to the next kill, in milliseconds. */
const KILL_AFTER = { min: 5_000, max: 9_000 };
const RESTART_TIMEOUT_MS = 30_000;
const SETTLE_TIMEOUT_MS = 60_000;
/** Members of a small group. */
const GROUP_SIZE = 5;

/** The runtime dies on the spot; every tenth time wrangler dies with it, and is started again. */
async function kill(server: DevServer, network: BadNetwork, withWrangler: boolean): Promise<void> {
  if (!withWrangler) {
    if (server.killRuntime() !== 1) throw new Error("the runtime to kill was not found");
    return;
  }
  network.isDown = true;
  await server.killAll();
  await server.start();
  network.isDown = false;
}

/** Kills, and waits until a message is acknowledged again. @returns milliseconds until then. */
async function killOnce(storm: Storm, round: number): Promise<number> {
  const { server, network, acknowledged } = storm;
  await sleep(KILL_AFTER.min + Math.random() * (KILL_AFTER.max - KILL_AFTER.min));
  const started = performance.now();
  await kill(server, network, round % 10 === 0);
  // What was acknowledged before the kill may still be on its way.
  await sleep(500);
  const before = acknowledged();
  for (let end = performance.now() + RESTART_TIMEOUT_MS; acknowledged() === before; await sleep(20)) {
    if (performance.now() < end) continue;
    // Wrangler does not always start a runtime again that was killed while it was starting.
    await kill(server, network, true);
    end = performance.now() + RESTART_TIMEOUT_MS;
  }
  return performance.now() - started;
}

/** Who is in which conversation: everybody is in two pairs, in a small group, and in the one of all, which is last. */
function circles(names: string[]): string[][] {
  const split = (count: number, circleOf: (i: number) => number) =>
    Array.from({ length: count }, (_, circle) => names.filter((__, i) => circleOf(i) % count === circle));
  const pairs = Math.max(Math.floor(names.length / 2), 1);
  const groups = Math.max(Math.floor(names.length / GROUP_SIZE), 1);
  return [
    ...split(pairs, (i) => Math.floor(i / 2)),
    ...split(pairs, (i) => i),
    ...split(groups, (i) => Math.floor(i / GROUP_SIZE)),
    names,
  ];
}

async function createRoom(founders: Map<string, ChaosClient>, members: string[]): Promise<Room> {
  const [first = "", ...others] = members;
  const rest = founders.get(first)?.client.rest;
  const made =
    others.length === 1
      ? await rest?.createDirect(devUserId(others[0] ?? ""))
      : await rest?.createGroup({ name: "Chaos", participant_ids: others.map(devUserId) });
  return { id: made?.conversation_id ?? "", members, followers: [], history: [] };
}

/** The clients, and the conversations that they are in. */
async function assemble(server: DevServer, url: string): Promise<{ clients: ChaosClient[]; rooms: Room[] }> {
  const names = Array.from({ length: wanted.clients }, (_, i) => `chaos${String(i).padStart(3, "0")}`);
  const founders = new Map(names.map((name) => [name, new ChaosClient(name, server.url, server.secret)]));
  for (const founder of founders.values()) await founder.client.rest.me();
  const rooms: Room[] = [];
  for (const members of circles(names)) rooms.push(await createRoom(founders, members));
  const clients = names.map((name, i) => {
    // Every seventh is at the own socket of its first conversation, and knows nothing else.
    const own = i % 7 === 3 ? rooms.find((room) => room.members.includes(name)) : undefined;
    const client = new ChaosClient(name, url, server.secret, own?.id);
    const followed = own ? [own] : rooms.filter((room) => room.members.includes(name));
    for (const room of followed) room.followers.push(client);
    return client;
  });
  return { clients, rooms };
}

function sum(clients: ChaosClient[], count: (client: ChaosClient) => number): number {
  return clients.reduce((total, client) => total + count(client), 0);
}

function percentile(values: number[], part: number): string {
  const sorted = values.toSorted((a, b) => a - b);
  return `${Math.round(sorted[Math.min(Math.floor(sorted.length * part), sorted.length - 1)] ?? 0)} ms`;
}

/** What kills need to know. */
interface Storm {
  server: DevServer;
  network: BadNetwork;
  acknowledged(): number;
}

/** Kills until there were enough, and goes on until enough was acknowledged. */
async function rage(storm: Storm, clients: ChaosClient[], rooms: Room[]): Promise<number[]> {
  let isOver = false;
  const senders = clients.flatMap((client) => {
    const mine = rooms.filter((room) => room.followers.includes(client)).map((room) => room.id);
    // Rarely to all: what is said there all hear, and then everybody of everybody that they have it.
    const all = mine.length > 1 ? mine.pop() : undefined;
    return mine.map((id) => {
      const places = [...Array<string>(399).fill(id), all ?? id];
      return client.keepSending(places, () => isOver);
    });
  });
  const outages: number[] = [];
  for (let round = 1; round <= wanted.kills || storm.acknowledged() < wanted.messages; round++) {
    outages.push(await killOnce(storm, round));
    if (round % 5 === 0) console.log(`[CHAOS] ${round} kills, ${storm.acknowledged()} messages acknowledged`);
  }
  isOver = true;
  const ended = await Promise.race([Promise.all(senders), sleep(SETTLE_TIMEOUT_MS)]);
  if (!ended) clients[0]?.violations.push("a message is still on its way");
  return outages;
}

async function verify(server: DevServer, clients: ChaosClient[], rooms: Room[]): Promise<string[]> {
  const started = performance.now();
  const wrong = clients.flatMap((client) => client.violations);
  wrong.push(...(await settled(() => rooms.flatMap(checkEqual), SETTLE_TIMEOUT_MS)));
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`[CHAOS] ${seconds} s after the last acknowledgement nothing changed any more`);
  for (const room of rooms) {
    // Before the history: reading it counts as delivery to the witness.
    wrong.push(...(await checkReceipts(room, server.url, server.secret)));
    const witness = new ChaosClient(room.members[0] ?? "", server.url, server.secret);
    room.history = await historyOf(witness, room.id);
    wrong.push(...checkHistory(room), ...room.followers.flatMap((follower) => checkLog(follower, room)));
  }
  return wrong;
}

function report(clients: ChaosClient[], network: BadNetwork, outages: number[], seconds: number): void {
  const acknowledged = sum(clients, (client) => client.acknowledged.size);
  const waits = clients.flatMap((client) => client.waits);
  const count = (name: keyof ChaosClient["counts"]) => sum(clients, (client) => client.counts[name]);
  const { connections, ...faults } = network.faults;
  const skipped = clients.filter((client) => client.counts.limited > 0).length;
  console.log(
    [
      `${outages.length} kills; acknowledged again after ${percentile(outages, 0.5)} (median), ${percentile(outages, 1)} (worst)`,
      `${acknowledged} messages acknowledged by ${clients.length} clients, ${(acknowledged / seconds).toFixed(0)} a second`,
      `acknowledged after ${percentile(waits, 0.5)} (median), ${percentile(waits, 0.99)} (p99), ${percentile(waits, 1)} (worst)`,
      `${connections} connections; faults of the network: ${JSON.stringify(faults)}`,
      `${count("opened")} sockets opened, ${count("synced")} sync frames (${count("limited")} limited, at ${skipped} clients), ${count("events")} events heard`,
    ]
      .map((line) => `[CHAOS] ${line}`)
      .join("\n"),
  );
}

async function main(): Promise<string[]> {
  const server = await DevServer.create({ RATE_LIMIT_MODE: "off" });
  const network = new BadNetwork(Number(new URL(server.url).port));
  const started = performance.now();
  try {
    const { clients, rooms } = await assemble(server, await network.listen());
    for (const { client } of clients) client.start();
    const acknowledged = () => sum(clients, (client) => client.acknowledged.size);
    const outages = await rage({ server, network, acknowledged }, clients, rooms);
    network.isBad = false;
    const seconds = (performance.now() - started) / 1000;
    const wrong = await verify(server, clients, rooms);
    report(clients, network, outages, seconds);
    for (const { client } of clients) client.stop();
    if (wrong.length > 0) console.error(server.log());
    return wrong;
  } finally {
    network.close();
    await server.stop();
    server.dispose();
  }
}

const wrong = await main();
for (const what of wrong.slice(0, 30)) console.error(`[CHAOS] WRONG ${what}`);
console.log(
  wrong.length === 0
    ? "[CHAOS] ok: 0 lost, 0 doubled, 0 out of order, all clients equal"
    : `[CHAOS] FAILED: ${wrong.length} things are wrong`,
);
process.exit(wrong.length === 0 ? 0 : 1);
