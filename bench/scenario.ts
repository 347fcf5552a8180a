/** What a scenario is, and what it finds. */
import { setTimeout as sleep } from "node:timers/promises";
import { OFFLINE_AFTER_MS } from "@rocket-chat-api/protocol";
import { type Figures, type Measured, type Patience, settle } from "./measure.ts";
import type { Result, TableSpec, Target } from "./report.ts";
import { Crowd } from "./rooms.ts";
import type { Servers, Service } from "./servers.ts";

/** How much of everything; each scenario takes what it needs. */
export interface Options extends Patience {
  /** Of each phase. */
  seconds: number;
  runs: number;
  /** Messages on their way at a time, in a room that is alone. */
  window: number;
  /** Sockets of each room. */
  sizes: number[];
  /** Only these sides, where a scenario has several; all if empty. */
  sides: string[];
  /** Small numbers, to see whether everything works. */
  quick: boolean;
}

/** What scenarios share. */
export class Bench {
  readonly options: Options;
  readonly servers: Servers;
  readonly results: Result[] = [];
  readonly #crowds = new Map<Service, Crowd>();

  constructor(options: Options, servers: Servers) {
    this.options = options;
    this.servers = servers;
  }

  /** The users of a service. */
  crowd(service: Service): Crowd {
    const crowd = this.#crowds.get(service) ?? new Crowd(service);
    this.#crowds.set(service, crowd);
    return crowd;
  }

  /** Those sides that are wanted. */
  wanted<T extends { name: string }>(sides: T[]): T[] {
    const { sides: names } = this.options;
    return names.length === 0 ? sides : sides.filter(({ name }) => names.includes(name));
  }

  /** Sides take turns within each run, so that what else the machine does hits all of them. */
  async inTurns<T>(sides: T[], turn: (side: T, run: number) => Promise<void>): Promise<void> {
    for (let run = 1; run <= this.options.runs; run++) for (const side of sides) await turn(side, run);
  }

  /**
   * Waits until the service has told that those who have just gone are offline, which it does after 10 s: else it would
   * do so in the middle of what comes next.
   */
  async parted(side: Measured): Promise<void> {
    if (side.directory === undefined || this.options.quick) return;
    await sleep(OFFLINE_AFTER_MS + 1_000);
    await settle(side);
  }

  /** Keeps what a phase of a side has shown. */
  keep(phase: string, size: number, side: { name: string; title: string }, figures: Figures): void {
    this.results.push({ scenario: phase, size, side: side.name, title: side.title, figures });
    const shown = Object.entries(figures).map(([name, value]) => `${name} ${value.toPrecision(3)}`);
    console.error(`${phase} ${size}, ${side.title}: ${shown.join(", ")}`);
  }
}

export interface Scenario {
  name: string;
  run(bench: Bench): Promise<void>;
  tables(options: Options): TableSpec[];
  targets(options: Options): Target[];
}
