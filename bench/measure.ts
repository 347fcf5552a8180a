/** Measuring around a phase: the CPU that a side used for it, also what it still does after the last delivery. */
import { cpus } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Phase } from "./driver.ts";
import type { Side } from "./rooms.ts";

const SETTLED_AFTER_MS = 400;
const SETTLE_TIMEOUT_MS = 60_000;
/** CPUs that the rest of the machine may use before a phase counts as disturbed. */
const MAX_OTHERS = 0.15;

/** What is kept of a phase. */
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
}

/** Waits until the side does nothing more: no CPU for a while. */
export async function settle({ server, directory }: Side): Promise<void> {
  const used = () => server.cpu() + (directory?.cpu() ?? 0);
  const end = performance.now() + SETTLE_TIMEOUT_MS;
  for (let before = -1, now = used(); now !== before && performance.now() < end; now = used()) {
    before = now;
    await sleep(SETTLED_AFTER_MS);
  }
}

/** CPU that the whole machine has used so far, in microseconds. */
function machineCpu(): number {
  return cpus().reduce((sum, { times }) => sum + (times.user + times.nice + times.sys + times.irq) * 1000, 0);
}

/** Waits until the rest of the machine leaves us alone, at most half a minute. */
async function quiet(): Promise<void> {
  for (let attempt = 0; attempt < 30; attempt++) {
    const before = machineCpu();
    await sleep(1000);
    if ((machineCpu() - before) / 1e6 < MAX_OTHERS) return;
  }
}

/**
 * Measures a phase, and again where others took part of the machine meanwhile.
 * @param attempts at most; if all were disturbed, the least disturbed one counts, and its figures say so.
 */
export async function undisturbed(side: Side, attempts: number, run: () => Promise<Phase>): Promise<Figures> {
  await quiet();
  const figures = await measure(side, run);
  if (figures.others <= MAX_OTHERS || attempts <= 1) return figures;
  const again = await undisturbed(side, attempts - 1, run);
  return again.others < figures.others ? again : figures;
}

/** Runs a phase and takes its figures. The side must be settled before. */
async function measure(side: Side, run: () => Promise<Phase>): Promise<Figures> {
  const server = side.server.cpu();
  const directory = side.directory?.cpu() ?? 0;
  const clientBefore = process.cpuUsage();
  const machineBefore = machineCpu();
  const phase = await run();
  const { user, system } = process.cpuUsage(clientBefore);
  const ours = user + system + side.server.cpu() - server + (side.directory?.cpu() ?? 0) - directory;
  const others = machineCpu() - machineBefore - ours;
  await settle(side);
  const cpu = side.server.cpu() - server;
  const { messages, deliveries, seconds, latencies } = phase;
  return {
    messages_per_second: messages / seconds,
    deliveries_per_second: deliveries / seconds,
    cpu_per_delivery: cpu / deliveries,
    cpu_per_message: cpu / messages,
    directory_cpu_per_message: ((side.directory?.cpu() ?? 0) - directory) / messages,
    client_load: (user + system) / 1e6 / seconds,
    others: Math.max(0, others / 1e6 / seconds),
    ...(latencies.length > 0 ? { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) } : {}),
  };
}

/** @param sorted ascending. */
function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
