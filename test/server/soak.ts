/**
 * [SOAK] Clients talk for half an hour, and what the service has in use stays what it was (`npm run soak`).
 *
 * Clients hold their user's socket and talk in groups at a steady rate, and read what they hear. After each minute they are
 * silent until everything has arrived; then the memory in use is counted (`live-memory.ts`). In the end every client
 * must have heard every message of its group once, in order, and memory must not have risen in the last third. The service
 * runs as in the bench: plain workerd on one CPU, the clients and D1 on another. `--help` lists the flags.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { Servers, type Service } from "../../bench/servers.ts";
import { readArguments, wholeNumbers } from "../../scripts/arguments.ts";
import { Person } from "../../scripts/person.ts";
import { onExit } from "../../scripts/serve.ts";
import { wholeHistory } from "./history.ts";
import { HistoryHash, SoakClient, type SoakRoom } from "./soak-clients.ts";
import { SoakObserver } from "./soak-observer.ts";
import { FLAT, type MemorySample, verdictOf } from "./soak-verdict.ts";

const USAGE = `
Usage: npm run soak -- [flags]

Lets clients talk for long; memory must stay where it was, and nothing may be lost. Needs gdb.

  --minutes <number>   of talk; 30. Below 10 memory is shown and not judged
  --clients <number>   100
  --rooms <number>     20; each client is in one of them
  --rate <number>      messages a second, of all together; 100
`;

const flags = readArguments({
  usage: USAGE,
  options: {
    minutes: { type: "string", default: "30" },
    clients: { type: "string", default: "100" },
    rooms: { type: "string", default: "20" },
    rate: { type: "string", default: "100" },
  },
}).values;
const wanted = wholeNumbers(flags);

/** Shorter runs end before everything is filled that has a limit. */
const JUDGED_FROM_MINUTES = 10;
/** Milliseconds of talk between two looks at the memory. */
const TALK_MS = 60_000;
/**
 * Milliseconds from the last delivery until the memory is looked at: then receipts and the directory's batches are
 * written too. Objects that are left alone for ten seconds are put away, so it must be less.
 */
const REST_MS = 3_000;
/** Milliseconds in which each client reads once. */
const READ_MS = 10_000;
/** Milliseconds of one beat of the senders. */
const BEAT_MS = 20;
const SETTLE_TIMEOUT_MS = 30_000;

/** Groups of clients that are connected. */
async function assemble({ server, secret }: Service): Promise<SoakRoom[]> {
  const rooms: SoakRoom[] = [];
  for (let n = 0; n < wanted.rooms; n++) {
    const size = Math.ceil((wanted.clients - n) / wanted.rooms);
    const names = Array.from({ length: size }, (_, i) => `soak${n}-${i}`);
    const people = await Promise.all(names.map((name) => Person.of(name, server.url, secret)));
    for (const person of people) await person.api(z.unknown(), "GET", "/users/me");
    const [owner, ...others] = people;
    if (!owner) throw new Error("more rooms than clients");
    const participant_ids = others.map((other) => other.user_id);
    const made = z.looseObject({ conversation_id: z.string() });
    const group = { name: "Soak", participant_ids };
    const { body } = await owner.api(made, "POST", "/conversations/group", group);
    const room: SoakRoom = { id: body.conversation_id, clients: [], acknowledged: 0, owed: 0 };
    for (const person of people) room.clients.push(await SoakClient.open(person, room, server.url));
    rooms.push(room);
  }
  return rooms;
}

/** Clients talk in turn at a steady rate, and read, for a minute. */
async function talk(rooms: SoakRoom[]): Promise<void> {
  const clients = rooms.flatMap((room) => room.clients);
  const start = performance.now();
  let said = 0;
  let read = 0;
  for (let passed = 0; passed < TALK_MS; passed = performance.now() - start) {
    for (; said < (passed / 1000) * wanted.rate; said++) speaker(rooms, said)?.say();
    for (; read < (passed / READ_MS) * clients.length; read++) clients[read % clients.length]?.read();
    await sleep(BEAT_MS);
  }
}

/** All rooms in turn, and in each of them all clients. */
function speaker(rooms: SoakRoom[], n: number): SoakClient | undefined {
  const room = rooms[n % rooms.length];
  return room?.clients[Math.floor(n / rooms.length) % room.clients.length];
}

/** Waits until everything that was sent has reached everybody. */
async function settle(rooms: SoakRoom[]): Promise<void> {
  const isSettled = ({ owed, clients }: SoakRoom) =>
    owed === 0 && clients.every(({ heard }) => heard === clients[0]?.heard);
  const end = Date.now() + SETTLE_TIMEOUT_MS;
  while (!rooms.every(isSettled) && Date.now() < end) await sleep(100);
}

/** Everybody has heard what is stored, each message once and in order. @returns what is wrong. */
async function verify(rooms: SoakRoom[]): Promise<string[]> {
  const wrong = rooms.flatMap(({ clients }) => clients.flatMap((client) => client.wrong));
  for (const { id, clients, acknowledged, owed } of rooms) {
    const [witness] = clients;
    if (!witness) continue;
    const stored = new HistoryHash();
    const history = await wholeHistory(witness.person, id);
    for (const { seq, content } of history) stored.add(seq, content);
    const said = history.filter(({ type }) => type !== "system").length;
    if (owed !== 0 || said !== acknowledged) {
      wrong.push(`${id}: ${said} stored, ${acknowledged} acknowledged, ${owed} never answered`);
    }
    for (const client of clients) {
      if (client.history.value === stored.value) continue;
      wrong.push(`${client.person.name} heard ${client.heard} of ${history.length} messages, or others`);
    }
  }
  return wrong;
}

/** Says what became of the memory. @returns what is wrong. */
function judge(samples: MemorySample[]): string[] {
  if (samples.length === 0) return [];
  const { slope, second, last, isFlat } = verdictOf(samples);
  const found = `${second.toFixed(1)} MiB in use in the second third, ${last.toFixed(1)} in the last, where it rose by ${slope.toFixed(1)} MiB an hour`;
  const bounds = `flat is at most ${FLAT.rise} MiB more and ${FLAT.slope} MiB an hour`;
  console.log(`[SOAK] ${found}; ${bounds}`);
  if (wanted.minutes < JUDGED_FROM_MINUTES) return [];
  return isFlat ? [] : [`not flat: ${found}`];
}

async function main(): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), "rocket-soak-"));
  const servers = new Servers(directory, true);
  onExit(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
  try {
    const service = await servers.service();
    const rooms = await assemble(service);
    const clients = rooms.flatMap((room) => room.clients);
    console.log(
      `[SOAK] ${clients.length} clients in ${rooms.length} rooms, ${wanted.rate} messages a second`,
    );
    const observer = await SoakObserver.open(service, rooms);
    for (let minute = 1; minute <= wanted.minutes; minute++) {
      await talk(rooms);
      await settle(rooms);
      await sleep(REST_MS);
      await observer.look(minute);
    }
    observer.close();
    const wrong = [...(await verify(rooms)), ...judge(observer.samples)];
    for (const client of clients) client.close();
    const said = rooms.reduce((sum, room) => sum + room.acknowledged, 0);
    console.log(`[SOAK] ${said} messages, ${wrong.length} things wrong`);
    return wrong;
  } finally {
    servers.stop();
  }
}

const wrong = await main();
for (const what of wrong.slice(0, 20)) console.error(`[SOAK] WRONG ${what}`);
console.log(wrong.length === 0 ? "[SOAK] ok" : "[SOAK] FAILED");
process.exit(wrong.length === 0 ? 0 : 1);
