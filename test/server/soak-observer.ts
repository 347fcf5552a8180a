/** Looks at the service of a soak while its clients are silent, and prints a line each time. */
import type { Service } from "../../bench/servers.ts";
import { NoGdb } from "./gdb.ts";
import { LiveMemoryProbe } from "./live-memory.ts";
import type { SoakRoom } from "./soak-clients.ts";
import type { MemorySample } from "./soak-verdict.ts";

const MIB = 1024 * 1024;

/** One look follows the other; each tells what happened in between. */
export class SoakObserver {
  readonly #service: Service;
  readonly #rooms: SoakRoom[];
  readonly #probe: LiveMemoryProbe | undefined;
  readonly #start = performance.now();
  /** What was in use at each look: JavaScript and everything else. */
  readonly samples: MemorySample[] = [];
  #cpu: number;
  #last = this.#start;
  #messages = 0;

  private constructor(service: Service, rooms: SoakRoom[], probe: LiveMemoryProbe | undefined) {
    this.#service = service;
    this.#rooms = rooms;
    this.#probe = probe;
    this.#cpu = service.server.cpu();
  }

  /** Without gdb it cannot tell what is in use: it has no samples then. @param service must have an inspector. */
  static async open(service: Service, rooms: SoakRoom[]): Promise<SoakObserver> {
    try {
      return new SoakObserver(service, rooms, await LiveMemoryProbe.open(service.server));
    } catch (error) {
      if (!(error instanceof NoGdb)) throw error;
      console.log(
        "[SOAK] gdb is not installed (`apt-get install gdb`): what is held is shown, and memory is not judged",
      );
      return new SoakObserver(service, rooms, undefined);
    }
  }

  /** Looks, and prints what it sees. @param minute of talk that has just ended. */
  async look(minute: number): Promise<void> {
    const { server, directory } = this.#service;
    const held = server.memory("RssAnon") / MIB;
    const now = performance.now();
    const cpu = (server.cpu() - this.#cpu) / 1000 / (now - this.#last);
    const parts = [
      ...(await this.#inUse(now)),
      `${held.toFixed(1)} MiB held`,
      `${(directory.memory("RssAnon") / MIB).toFixed(1)} by D1`,
      `${cpu.toFixed(2)} CPU`,
      ...this.#sinceLast(),
    ];
    this.#cpu = server.cpu();
    this.#last = performance.now();
    console.log(`[SOAK] ${String(minute).padStart(3)} min: ${parts.join(", ")}`);
  }

  close(): void {
    this.#probe?.close();
  }

  /** What is in use, as a part of the line. */
  async #inUse(now: number): Promise<string[]> {
    const live = await this.#probe?.look();
    if (!live) return [];
    const { heap, native, sqlite } = live;
    this.samples.push({ at: (now - this.#start) / 1000, memory: heap + native });
    const parts = `JavaScript ${heap.toFixed(1)}, SQLite ${sqlite.toFixed(1)}, other ${(native - sqlite).toFixed(1)}`;
    return [`${(heap + native).toFixed(1)} MiB in use (${parts})`];
  }

  /** How many messages there were, and how long they took. */
  #sinceLast(): string[] {
    const messages = this.#rooms.reduce((sum, room) => sum + room.acknowledged, 0);
    const delays = this.#rooms.flatMap(({ clients }) => clients.flatMap(({ delays }) => delays.splice(0)));
    delays.sort((a, b) => a - b);
    const quantile = (share: number) => (delays[Math.floor(delays.length * share)] ?? Number.NaN).toFixed(1);
    const count = messages - this.#messages;
    this.#messages = messages;
    return [`${count} messages`, `p50 ${quantile(0.5)} ms`, `p99 ${quantile(0.99)} ms`];
  }
}
