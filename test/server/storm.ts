/**
 * [STORM] A thousand sockets are cut at the same moment (`npm run storm`).
 *
 * Devices of the client library sit behind a proxy, half on their user's socket and half on a conversation's own, while
 * people write without a pause. The proxy hangs up on all of them at once, and takes them again at once. Each device
 * must be back, with everything that was said meanwhile, within ten seconds, and know every message once and in order
 * at the end. The service runs as in the bench: plain workerd on one CPU, the clients and D1 on another. `--help` lists the flags.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Servers } from "../../bench/servers.ts";
import { readArguments, wholeNumbers } from "../../scripts/arguments.ts";
import { devUserId } from "../../scripts/dev-token.ts";
import { onExit } from "../../scripts/serve.ts";
import { checkEqual, checkHistory, checkLog, historyOf, type Room, settled } from "./chaos-checks.ts";
import { ChaosClient } from "./chaos-clients.ts";
import { BadNetwork } from "./chaos-proxy.ts";

const USAGE = `
Usage: npm run storm -- [flags]

Cuts many sockets at the same moment; every device must be back and up to date within ten seconds.

  --sockets <number>   1000
  --devices <number>   of each person; 5
  --groups <number>    20
  --rate <number>      messages a second; 20
  --storms <number>    how often; 3
`;

const flags = readArguments({
  usage: USAGE,
  options: {
    sockets: { type: "string", default: "1000" },
    devices: { type: "string", default: "5" },
    groups: { type: "string", default: "20" },
    rate: { type: "string", default: "20" },
    storms: { type: "string", default: "3" },
  },
}).values;
const wanted = wholeNumbers(flags);

/** As devices are: the chaos finds dead connections faster, which a thousand clients of one process cannot afford. */
const PATIENT = { auth: "token" as const, heartbeat_ms: 30_000, handshake_ms: 15_000, answer_ms: 15_000 };

const BACK_WITHIN_MS = 10_000;
const GIVE_UP_MS = 60_000;
/** Devices that connect at the same time in the beginning, where nothing is to be shown. */
const CONNECTING = 25;
const CALM_MS = 6_000;
const SETTLE_TIMEOUT_MS = 60_000;

/** Where the service is, and what development tokens are signed with. */
interface Endpoint {
  url: string;
  secret: string;
}

/** Devices, and the conversations that they follow. */
interface Crowd {
  devices: ChaosClient[];
  rooms: Room[];
}

/** Groups of people, each with several devices. */
async function assemble(server: Endpoint, url: string): Promise<Crowd> {
  const people = Math.ceil(wanted.sockets / wanted.devices);
  const names = Array.from({ length: people }, (_, i) => `storm${String(i).padStart(4, "0")}`);
  const direct = names.map((name) => new ChaosClient(name, server.url, server.secret));
  for (const { client } of direct) await client.rest.me();
  const rooms: Room[] = [];
  for (let group = 0; group < wanted.groups; group++) {
    const founders = direct.filter((_, i) => i % wanted.groups === group);
    const [owner, ...others] = founders;
    const participant_ids = others.map((one) => devUserId(one.name));
    const made = await owner?.client.rest.createGroup({ name: "Storm", participant_ids });
    const members = founders.map((founder) => founder.name);
    rooms.push({ id: made?.conversation_id ?? "", members, followers: [], history: [] });
  }
  const devices = Array.from({ length: wanted.sockets }, (_, i) => {
    const room = rooms[(i % people) % wanted.groups];
    const isOwn = Math.floor(i / people) % 2 === 1;
    const name = names[i % people] ?? "";
    const device = new ChaosClient(name, url, server.secret, isOwn ? room?.id : undefined, PATIENT);
    room?.followers.push(device);
    return device;
  });
  return { devices, rooms };
}

async function until(check: () => boolean, timeoutMs: number, what: string): Promise<void> {
  for (const end = Date.now() + timeoutMs; !check(); await sleep(20)) {
    if (Date.now() > end) throw new Error(`${what} took longer than ${timeoutMs} ms`);
  }
}

async function connect(devices: ChaosClient[]): Promise<void> {
  for (let at = 0; at < devices.length; at += CONNECTING) {
    const some = devices.slice(at, at + CONNECTING);
    for (const { client } of some) client.start();
    await until(() => some.every(({ client }) => client.status === "open"), GIVE_UP_MS, "connecting");
  }
}

/** Says something in every group in turn, past the proxy, until `isOver`. @returns how much was acknowledged. */
async function keepTalking(server: Endpoint, rooms: Room[], isOver: () => boolean): Promise<void> {
  const speakers = rooms.map((room) => {
    const speaker = new ChaosClient(room.members[0] ?? "", server.url, server.secret, room.id);
    speaker.client.start();
    room.followers.push(speaker);
    return { room, speaker };
  });
  const sends: Promise<void>[] = [];
  for (let n = 0; !isOver(); n++) {
    const { room, speaker } = speakers[n % speakers.length] ?? {};
    if (room && speaker) sends.push(say(speaker, room, n));
    await sleep(1000 / wanted.rate);
  }
  await Promise.all(sends);
  for (const { speaker } of speakers) speaker.client.stop();
}

async function say(speaker: ChaosClient, room: Room, n: number): Promise<void> {
  const content = `${speaker.name} 1 ${n + 1}`;
  const message = await speaker.client.send(room.id, { content });
  speaker.acknowledged.set(message.client_message_id ?? "", { content, message });
}

/** The newest number of each conversation that a device knows. */
function heads(rooms: Room[]): Map<string, number> {
  return new Map(
    rooms.map(({ id, followers }) => {
      const known = followers.map((device) => device.client.conversations.get(id)?.seq ?? 0);
      return [id, Math.max(...known)];
    }),
  );
}

/** Cuts everybody off. @returns when each device was open again and up to date, in ms after the cut. */
async function storm({ devices, rooms }: Crowd, network: BadNetwork): Promise<number[]> {
  const opened = new Map(devices.map((device) => [device, device.counts.opened]));
  const started = performance.now();
  network.dropAll();
  const away = new Map(rooms.flatMap((room) => room.followers.map((device) => [device, room.id] as const)));
  for (const device of away.keys()) if (!opened.has(device)) away.delete(device);
  const times: number[] = [];
  while (away.size > 0 && performance.now() - started < GIVE_UP_MS) {
    // What the others know by now: whoever is back must know it too.
    const known = heads(rooms);
    for (const [device, id] of away) {
      if (device.counts.opened === opened.get(device)) continue;
      if ((device.client.conversations.get(id)?.seq ?? 0) < (known.get(id) ?? 0)) continue;
      times.push(performance.now() - started);
      away.delete(device);
    }
    await sleep(20);
  }
  for (const _ of away) times.push(Number.POSITIVE_INFINITY);
  return times.sort((a, b) => a - b);
}

async function verify(server: Endpoint, { rooms }: Crowd): Promise<string[]> {
  const wrong = await settled(() => rooms.flatMap(checkEqual), SETTLE_TIMEOUT_MS);
  for (const room of rooms) {
    const witness = new ChaosClient(room.members[0] ?? "", server.url, server.secret);
    room.history = await historyOf(witness, room.id);
    wrong.push(...checkHistory(room), ...room.followers.flatMap((device) => checkLog(device, room)));
  }
  return wrong;
}

function seconds(times: number[], part: number): string {
  return `${((times[Math.min(Math.floor(times.length * part), times.length - 1)] ?? 0) / 1000).toFixed(1)} s`;
}

async function main(): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), "rocket-storm-"));
  const servers = new Servers(directory, false);
  onExit(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));
  const service = await servers.service();
  const server = { url: service.server.url, secret: service.secret };
  const network = new BadNetwork(Number(new URL(server.url).port));
  network.isBad = false;
  try {
    const crowd = await assemble(server, await network.listen());
    const started = performance.now();
    await connect(crowd.devices);
    const took = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`[STORM] ${crowd.devices.length} sockets open after ${took} s, ${CONNECTING} at a time`);
    const wrong: string[] = [];
    let isOver = false;
    const talking = keepTalking(server, crowd.rooms, () => isOver);
    for (let n = 1; n <= wanted.storms; n++) {
      await sleep(CALM_MS);
      const before = service.server.cpu();
      const times = await storm(crowd, network);
      const cpu = (service.server.cpu() - before) / 1e6;
      console.log(
        `[STORM] ${n}: ${times.length} sockets cut at once; back and up to date after ${seconds(times, 0.5)} ` +
          `(median), ${seconds(times, 0.99)} (p99), ${seconds(times, 1)} (last); ${cpu.toFixed(1)} s of CPU`,
      );
      const late = times.filter((time) => time > BACK_WITHIN_MS).length;
      if (late > 0) wrong.push(`${late} were not back after ${BACK_WITHIN_MS / 1000} s`);
    }
    await sleep(CALM_MS / 2);
    isOver = true;
    await talking;
    wrong.push(...(await verify(server, crowd)));
    const said = crowd.rooms.reduce((sum, room) => sum + room.history.length, 0);
    console.log(`[STORM] ${said} messages in ${crowd.rooms.length} groups; ${wrong.length} things wrong`);
    return wrong;
  } finally {
    network.close();
    servers.stop();
  }
}

const wrong = await main();
for (const what of wrong.slice(0, 20)) console.error(`[STORM] WRONG ${what}`);
console.log(wrong.length === 0 ? "[STORM] ok" : "[STORM] FAILED");
process.exit(wrong.length === 0 ? 0 : 1);
