/** Measuring around a phase: the CPU that a side used for it, also what it still does after the last delivery. */
import { setTimeout as sleep } from "node:timers/promises";
import { machineCpu } from "./cpu.ts";
import type { Phase } from "./driver.ts";
import type { Heard } from "./frames.ts";
import { profiled } from "./profile.ts";
import type { Server } from "./workerd.ts";

const SETTLED_AFTER_MS = 400;
/** What a server uses in that time that does nothing: its timers. */
const SETTLED_BELOW_US = 5_000;
const SETTLE_TIMEOUT_MS = 60_000;
/** Seconds that objects certainly stay awake: the runtime puts them away after 10, and settling takes some. */
const AWAKE_S = 4;
/** CPUs that the rest of the machine may use before a phase counts as disturbed. */
const MAX_OTHERS = 0.15;

/** Whose CPU is counted. */
export interface Measured {
  name: string;
  server: Server;
  /** The database in a process of its own, where there is one. */
  directory?: Server;
}

/** What is kept of a phase. For requests, each is a message with one delivery. */
export interface Figures {
  messages_per_second: number;
  deliveries_per_second: number;
  /** Of the server, in microseconds. */
  cpu_per_delivery: number;
  cpu_per_message: number;
  /** Of the database in its own process, in microseconds; 0 where there is none. */
  directory_cpu_per_message: number;
  /** Share of one CPU that this client used: near 1 it is the client that was measured. */
  client_load: number;
  /** CPUs that the rest of the machine used meanwhile: what this is above 0 disturbs the times and the throughput. */
  others: number;
  /** Milliseconds from send to receive; absent where they were not taken. */
  p50?: number;
  p99?: number;
  /** KiB of the server's memory for each socket; only where that is the question. */
  kib_per_socket?: number;
  /** What left for all participants together, for each message; only of sockets. Deliveries are the room's size. */
  frames_per_message?: number;
  acks_per_message?: number;
  receipts_per_message?: number;
  presence_per_message?: number;
  others_per_message?: number;
  /** Of the frames' texts, whatever they carry. */
  bytes_per_delivery?: number;
}

/** How hard to look for a quiet moment on this machine. */
export interface Patience {
  /** How often a phase is tried that others on the machine disturb. */
  attempts: number;
  /** How long to wait for quiet before each, in seconds. */
  quietSeconds: number;
}

/** Waits until the side does nothing more: next to no CPU for a while. */
export async function settle({ server, directory }: Measured): Promise<void> {
  const used = () => server.cpu() + (directory?.cpu() ?? 0);
  const end = performance.now() + SETTLE_TIMEOUT_MS;
  let before = -Infinity;
  for (let now = used(); now - before > SETTLED_BELOW_US && performance.now() < end; now = used()) {
    before = now;
    await sleep(SETTLED_AFTER_MS);
  }
}

/** How a side is brought to where it would be after hours. */
export interface Warming {
  /** How long it is left alone: the runtime puts an object away after 10 s in which nothing keeps it awake. */
  settleSeconds: number;
  quick: boolean;
}

/**
 * Brings a side to where it would be after hours: what connecting has woken is put away, and the code is warm. Without
 * the rest, putting a thousand hubs away would count as the cost of the messages that are sent during it.
 */
export async function warm(
  side: Measured,
  { settleSeconds, quick }: Warming,
  use: (seconds: number) => Promise<unknown>,
): Promise<void> {
  const briefly = quick ? 0.2 : 1;
  await use(briefly);
  if (settleSeconds > 0) {
    await sleep(settleSeconds * 1000);
    await use(briefly);
  }
  await settle(side);
}

/** Waits until the rest of the machine leaves us alone, at most so long. @returns the seconds that it took. */
async function quiet(seconds: number): Promise<number> {
  for (let attempt = 0; attempt < seconds; attempt++) {
    const before = machineCpu();
    await sleep(1000);
    if ((machineCpu() - before) / 1e6 < MAX_OTHERS) return attempt;
  }
  return seconds;
}

/**
 * Measures a phase, and again where others took part of the machine meanwhile. If all attempts were disturbed, the
 * least disturbed one counts, and its figures say so.
 * @param use wakes the side up after a long wait: waking is no cost of the messages.
 */
export async function undisturbed(
  side: Measured,
  { attempts, quietSeconds }: Patience,
  run: () => Promise<Phase>,
  use?: () => Promise<unknown>,
): Promise<Figures> {
  const waited = await quiet(quietSeconds);
  if (use && waited > AWAKE_S) {
    await use();
    await settle(side);
  }
  const figures = await measure(side, run);
  if (figures.others <= MAX_OTHERS || attempts <= 1) return figures;
  const again = await undisturbed(side, { attempts: attempts - 1, quietSeconds }, run, use);
  return again.others < figures.others ? again : figures;
}

/** Runs a phase and takes its figures. The side must be settled before. */
async function measure(side: Measured, run: () => Promise<Phase>): Promise<Figures> {
  const server = side.server.cpu();
  const directory = side.directory?.cpu() ?? 0;
  const clientBefore = process.cpuUsage();
  const machineBefore = machineCpu();
  const { inspector } = side.server;
  const phase = inspector === undefined ? await run() : await profiled(inspector, side.name, run);
  const { user, system } = process.cpuUsage(clientBefore);
  const ours = user + system + side.server.cpu() - server + (side.directory?.cpu() ?? 0) - directory;
  const others = machineCpu() - machineBefore - ours;
  await settle(side);
  const cpu = side.server.cpu() - server;
  const { messages, deliveries, seconds, latencies, heard } = phase;
  return {
    messages_per_second: messages / seconds,
    deliveries_per_second: deliveries / seconds,
    cpu_per_delivery: cpu / deliveries,
    cpu_per_message: cpu / messages,
    directory_cpu_per_message: ((side.directory?.cpu() ?? 0) - directory) / messages,
    client_load: (user + system) / 1e6 / seconds,
    others: Math.max(0, others / 1e6 / seconds),
    ...(latencies.length > 0 ? { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) } : {}),
    ...(heard ? sharesOf(heard(), messages) : {}),
  };
}

/** What came for each message. Receipts come late, hence after the side has settled. */
function sharesOf({ frames, bytes, ...events }: Heard, messages: number): Partial<Figures> {
  return {
    frames_per_message: frames / messages,
    acks_per_message: events.acks / messages,
    receipts_per_message: events.receipts / messages,
    presence_per_message: events.presence / messages,
    others_per_message: events.others / messages,
    bytes_per_delivery: bytes / events.messages,
  };
}

/** @param sorted ascending. */
function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
