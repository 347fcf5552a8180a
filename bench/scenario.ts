/** What a scenario is, and what it finds. */
import { setTimeout as sleep } from "node:timers/promises";
import { OFFLINE_AFTER_MS } from "@rocket-chat-api/protocol";
import { type Figures, type Measured, type Patience, settle, type Warming } from "./measure.ts";
import { type Result, sideIn, type TableSpec, type Target } from "./report.ts";
import { Crowd, floorSides, type Side } from "./rooms.ts";
import type { Servers, Service } from "./servers.ts";
import type { Server } from "./workerd.ts";

/** How much of everything; each scenario takes what it needs. */
export interface Options extends Patience, Warming {
  /** Of each phase. */
  seconds: number;
  runs: number;
  /** Messages on their way at a time, in a room that is alone. */
  window: number;
  /** Sockets of each room. */
  sizes: number[];
  /** Only these sides, where a scenario has several; all if empty. */
  sides: string[];
  /** How many rooms at once, where a scenario has many; its own number if undefined. */
  rooms?: number | undefined;
  /** Messages without `client_message_id`, where a scenario does not say. */
  withoutIds: boolean;
  /** Folders of the checkouts that this one is compared with. */
  against: string[];
}

/** What is kept of a side. */
export type Kept = Pick<Side, "name" | "title" | "checkout">;

/** What scenarios share. */
export class Bench {
  readonly options: Options;
  readonly servers: Servers;
  readonly results: Result[] = [];
  readonly #crowds = new Map<Service, Crowd>();
  #run = 0;

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

  /**
   * The sides of a scenario: the floors, and the service of each checkout, those of one name beside each other. A
   * comparison leaves the floors out unless they are asked for by name.
   */
  async sides<T extends Measured & Kept>(
    floors: (server: Server) => T[],
    ofService: (service: Service, crowd: Crowd) => T[] | Promise<T[]>,
  ): Promise<T[]> {
    const { against, sides } = this.options;
    const hasFloors = against.length === 0 || sides.length > 0;
    const all = hasFloors ? floors(await this.servers.floor()) : [];
    for (const service of await this.servers.services()) {
      all.push(...(await ofService(service, this.crowd(service))));
    }
    return [...Map.groupBy(this.wanted(all), ({ name }) => name).values()].flat();
  }

  /** The sides of a scenario that opens sockets. */
  async roomSides(...kinds: ((service: Service, crowd: Crowd) => Side[])[]): Promise<Side[]> {
    return await this.sides(floorSides, (service, crowd) => kinds.flatMap((kind) => kind(service, crowd)));
  }

  /** Those sides that are wanted. */
  wanted<T extends { name: string }>(sides: T[]): T[] {
    const { sides: names } = this.options;
    return names.length === 0 ? sides : sides.filter(({ name }) => names.includes(name));
  }

  /**
   * Sides take turns within each run, so that what else the machine does hits all of them, and every other run goes
   * backwards, so that none always comes first. In a comparison each turn begins with a new process: what one process
   * happens to be slower by would otherwise look like a difference of the code.
   */
  async inTurns<T extends Measured>(
    sides: T[],
    turn: (side: T, run: number) => Promise<void>,
  ): Promise<void> {
    for (let run = 1; run <= this.options.runs; run++) {
      this.#run = run;
      for (const side of run % 2 === 1 ? sides : sides.toReversed()) {
        if (this.options.against.length > 0) await side.server.restart();
        await turn(side, run);
      }
    }
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
  keep(phase: string, size: number, { name, title, checkout }: Kept, figures: Figures): void {
    const side = sideIn(name, checkout);
    const named = checkout === undefined ? title : `${title} (${checkout})`;
    this.results.push({ scenario: phase, size, side, title: named, run: this.#run, figures });
    const shown = Object.entries(figures).map(([metric, value]) => `${metric} ${value.toPrecision(3)}`);
    console.error(`${phase} ${size}, ${named}: ${shown.join(", ")}`);
  }
}

export interface Scenario {
  name: string;
  /** Whether it needs nothing of a checkout but its built Worker, so that others can be compared with this one. */
  comparable: boolean;
  run(bench: Bench): Promise<void>;
  tables(options: Options): TableSpec[];
  targets(options: Options): Target[];
}
