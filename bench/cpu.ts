/** CPU that processes use, as Linux counts it. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { cpus } from "node:os";

const TICK_US = 1e6 / Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
/** Nanoseconds of each thread. `stat` has ticks of 10 ms, which are several percent of a phase in which little happens. */
const HAS_SCHEDSTAT = existsSync("/proc/self/schedstat");

/** CPU of one process, all threads, user and system. */
export class ProcessCpu {
  readonly #pid: number;
  /** Of each thread so far, in nanoseconds; those that have ended included. */
  readonly #threads = new Map<string, number>();

  constructor(pid: number) {
    this.#pid = pid;
  }

  /** What it has used so far, in microseconds. */
  used(): number {
    if (!HAS_SCHEDSTAT) return this.#ticks() * TICK_US;
    for (const thread of readdirSync(`/proc/${this.#pid}/task`)) {
      const used = this.#ofThread(thread);
      if (used !== undefined) this.#threads.set(thread, used);
    }
    return [...this.#threads.values()].reduce((sum, used) => sum + used, 0) / 1000;
  }

  #ofThread(thread: string): number | undefined {
    try {
      return Number(readFileSync(`/proc/${this.#pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
    } catch {
      // It has ended since the folder was read.
      return undefined;
    }
  }

  #ticks(): number {
    const stat = readFileSync(`/proc/${this.#pid}/stat`, "utf8");
    // The command's name may hold spaces and brackets; the numbers begin after the last one.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(fields[11]) + Number(fields[12]);
  }
}

/** CPU that the whole machine has used so far, in microseconds. */
export function machineCpu(): number {
  return cpus().reduce((sum, { times }) => sum + (times.user + times.nice + times.sys + times.irq) * 1000, 0);
}
