/** What is measured: the service with its directory, and the floors. Each is a workerd of its own, all started alike. */
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { freePort, onExit } from "../scripts/serve.ts";
import { type Checkout, thisCheckout } from "./checkout.ts";
import {
  type Bundled,
  bundleOf,
  commonOf,
  directorySpec,
  floorSpec,
  ownBundle,
  serviceSpec,
} from "./specs.ts";
import { Server, type WorkerSpec } from "./workerd.ts";

export interface Service {
  server: Server;
  directory: Server;
  /** What development tokens are signed with. */
  secret: string;
  /** The name of the checkout that it is built from; see `checkout.ts`. */
  checkout: string;
}

/** Starts what a scenario asks for, once. */
export class Servers {
  readonly #directory: string;
  readonly #isProfiled: boolean;
  readonly #own = thisCheckout();
  readonly #others: Checkout[];
  readonly #running: Server[] = [];
  #floor: Promise<Server> | undefined;
  readonly #services = new Map<string, Promise<Service>>();

  /**
   * @param directory where state and logs go.
   * @param isProfiled whether the service has an inspector.
   * @param others checkouts that this one is compared with.
   */
  constructor(directory: string, isProfiled: boolean, others: Checkout[] = []) {
    this.#directory = directory;
    this.#isProfiled = isProfiled;
    this.#others = others;
    onExit(() => this.stop());
  }

  /** The least that the platform can do. */
  async floor(): Promise<Server> {
    this.#floor ??= this.#start(floorSpec(this.#directory, commonOf(this.#own.config)));
    return await this.#floor;
  }

  /** The service as it is deployed, with a directory of its own. */
  async service(): Promise<Service> {
    return await this.#service(this.#own, bundleOf(this.#own, "service"));
  }

  /** The service of this checkout, then those that it is compared with, each with its own state and directory. */
  async services(): Promise<Service[]> {
    const services = [await this.service()];
    for (const [i, other] of this.#others.entries()) {
      services.push(await this.#service(other, bundleOf(other, `service-${i + 1}`)));
    }
    return services;
  }

  /** The same with the back door of `seeded/worker.ts`, and with another directory: full tables slow down others. */
  async seeded(): Promise<Service> {
    return await this.#service(this.#own, ownBundle(this.#directory, "seeded", commonOf(this.#own.config)));
  }

  stop(): void {
    for (const server of this.#running) server.stop();
  }

  async #start(spec: WorkerSpec): Promise<Server> {
    const server = await Server.start(spec, this.#directory);
    this.#running.push(server);
    return server;
  }

  async #service(checkout: Checkout, bundled: Bundled): Promise<Service> {
    const known = this.#services.get(bundled.name) ?? this.#startService(checkout, bundled);
    this.#services.set(bundled.name, known);
    return await known;
  }

  async #startService(checkout: Checkout, bundled: Bundled): Promise<Service> {
    const spec = directorySpec(this.#directory, commonOf(checkout.config));
    const directory = await this.#start({ ...spec, name: `directory-of-${bundled.name}` });
    await createTables(directory, checkout);
    const secret = randomBytes(32).toString("base64url");
    const inspector = this.#isProfiled ? await freePort() : undefined;
    const server = await this.#start({
      ...serviceSpec(checkout.config, secret, directory),
      ...bundled,
      inspector,
    });
    return { server, directory, secret, checkout: checkout.name };
  }
}

/** Applies the directory's migrations. */
async function createTables(directory: Server, { config, root }: Checkout): Promise<void> {
  for (const { migrations_dir } of config.d1_databases) {
    const folder = join(root, migrations_dir ?? "migrations");
    for (const file of readdirSync(folder).sort()) {
      if (!file.endsWith(".sql")) continue;
      await runSql(directory, readFileSync(join(folder, file), "utf8"));
    }
  }
}

/** Runs SQL in the directory, statement after statement. */
async function runSql(directory: Server, sql: string): Promise<void> {
  const response = await fetch(`${directory.url}/query`, { method: "POST", body: JSON.stringify({ sql }) });
  const answer = await response.text();
  if (answer.includes('"success":false'))
    throw new Error(`the directory refused ${sql.slice(0, 80)}: ${answer}`);
}
