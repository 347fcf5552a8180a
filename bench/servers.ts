/** What is measured: the service with its directory, and the floors. Each is a workerd of its own, all started alike. */
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Unstable_Config, unstable_readConfig } from "wrangler";
import { freePort, onExit } from "../scripts/serve.ts";
import { type Bindings, quoted, Server, type WorkerSpec } from "./workerd.ts";

const ROOT = join(import.meta.dirname, "..");
/** The servers run on one CPU; the client, and the database that is not measured, on the other. */
export const SERVER_CPU = 0;
export const CLIENT_CPU = 1;

export interface Service {
  server: Server;
  directory: Server;
  /** What development tokens are signed with. */
  secret: string;
}

type Config = Unstable_Config;
type Common = Pick<WorkerSpec, "compatibility_date" | "compatibility_flags">;

/** Starts what a scenario asks for, once. */
export class Servers {
  readonly #directory: string;
  readonly #isProfiled: boolean;
  readonly #config = unstable_readConfig({ config: join(ROOT, "wrangler.toml") });
  readonly #running: Server[] = [];
  #floor: Promise<Server> | undefined;
  readonly #services = new Map<string, Promise<Service>>();

  /**
   * @param directory where state and logs go.
   * @param isProfiled whether the service has an inspector.
   */
  constructor(directory: string, isProfiled: boolean) {
    this.#directory = directory;
    this.#isProfiled = isProfiled;
    onExit(() => this.stop());
  }

  /** The least that the platform can do. */
  async floor(): Promise<Server> {
    this.#floor ??= this.#start(floorSpec(this.#directory, this.#common));
    return await this.#floor;
  }

  /** The service as it is deployed, with a directory of its own. */
  async service(): Promise<Service> {
    return await this.#service("service", join(ROOT, "wrangler.toml"), "index.js");
  }

  /** The same with the back door of `seeded/worker.ts`, and with another directory: full tables slow down others. */
  async seeded(): Promise<Service> {
    return await this.#service("seeded", writeConfig(this.#directory, "seeded", this.#common), "worker.js");
  }

  stop(): void {
    for (const server of this.#running) server.stop();
  }

  get #common(): Common {
    const { compatibility_date, compatibility_flags } = this.#config;
    if (compatibility_date === undefined) throw new Error("wrangler.toml names no compatibility_date");
    return { compatibility_date, compatibility_flags };
  }

  async #start(spec: WorkerSpec): Promise<Server> {
    const server = await Server.start(spec, this.#directory);
    this.#running.push(server);
    return server;
  }

  async #service(name: string, config: string, entry: string): Promise<Service> {
    const known = this.#services.get(name) ?? this.#startService({ name, config, entry });
    this.#services.set(name, known);
    return await known;
  }

  async #startService(worker: Pick<WorkerSpec, "name" | "config" | "entry">): Promise<Service> {
    const common = this.#common;
    const directory = await this.#start({
      ...directorySpec(this.#directory, common),
      name: `directory-of-${worker.name}`,
    });
    await createTables(directory, this.#config);
    const secret = randomBytes(32).toString("base64url");
    const inspector = this.#isProfiled ? await freePort() : undefined;
    const spec = serviceSpec(this.#config, common, secret, directory);
    const server = await this.#start({ ...spec, ...worker, inspector });
    return { server, directory, secret };
  }
}

/** A wrangler configuration for one of the bench's own Workers: nothing but what bundling needs. */
function writeConfig(directory: string, name: string, common: Common): string {
  const path = join(directory, `${name}.json`);
  const main = join(import.meta.dirname, name, "worker.ts");
  writeFileSync(path, JSON.stringify({ name, main, ...common }));
  return path;
}

/** A namespace of Durable Objects for each class, bound under these names. */
function objects(namespaces: Record<string, string>): Bindings {
  const entries = Object.entries(namespaces);
  return Object.fromEntries(
    entries.map(([name, className]) => [name, `durableObjectNamespace = ${quoted(className)}`]),
  );
}

function floorSpec(directory: string, common: Common): WorkerSpec {
  return {
    ...common,
    name: "floor",
    entry: "worker.js",
    config: writeConfig(directory, "floor", common),
    bindings: objects({ RELAY: "Relay", RELAY_WITH_INSERT: "RelayWithInsert", ENDPOINT: "Endpoint" }),
    classes: ["Relay", "RelayWithInsert", "Endpoint"],
    health: "/",
    cpu: SERVER_CPU,
  };
}

function directorySpec(directory: string, common: Common): WorkerSpec {
  return {
    ...common,
    name: "directory",
    entry: "worker.js",
    config: writeConfig(directory, "directory", common),
    bindings: objects({ DIRECTORY: "Directory" }),
    classes: ["Directory"],
    health: "/",
    cpu: CLIENT_CPU,
  };
}

/** The service as wrangler.toml describes it, with limits off. */
function serviceSpec(
  config: Config,
  common: Common,
  secret: string,
  directory: Server,
): Omit<WorkerSpec, "name" | "config" | "entry"> {
  const namespaces = config.durable_objects.bindings;
  const vars = { ...config.vars, JWT_SECRET: secret, RATE_LIMIT_MODE: "off" };
  const texts = Object.entries(vars).map(([name, value]) => [name, `text = ${quoted(String(value))}`]);
  const databases = config.d1_databases.map(({ binding }) => [
    binding,
    `wrapped = (moduleName = "cloudflare-internal:d1-api", innerBindings = [(name = "fetcher", service = "directory")])`,
  ]);
  // No scenario stores a file or pushes: these only have to exist.
  const buckets = config.r2_buckets.map(({ binding }) => [binding, `r2Bucket = "nothing"`]);
  const queues = (config.queues.producers ?? []).map(({ binding }) => [binding, `queue = "nothing"`]);
  return {
    ...common,
    bindings: {
      ...objects(Object.fromEntries(namespaces.map(({ name, class_name }) => [name, class_name]))),
      ...Object.fromEntries([...texts, ...databases, ...buckets, ...queues]),
    },
    classes: namespaces.map(({ class_name }) => class_name),
    services: [
      `(name = "directory", external = (address = ${quoted(new URL(directory.url).host)}, http = ()))`,
      `(name = "nothing", worker = (compatibilityDate = ${quoted(common.compatibility_date)}, modules = [
        (name = "nothing", esModule = "export default { fetch() { return new Response(null, { status: 501 }); } };")]))`,
    ],
    health: "/health",
    cpu: SERVER_CPU,
  };
}

/** Applies the directory's migrations. */
async function createTables(directory: Server, config: Config): Promise<void> {
  for (const { migrations_dir } of config.d1_databases) {
    const folder = join(ROOT, migrations_dir ?? "migrations");
    for (const file of readdirSync(folder).sort()) {
      if (!file.endsWith(".sql")) continue;
      await runSql(directory, readFileSync(join(folder, file), "utf8"));
    }
  }
}

/** Runs SQL in the directory, statement after statement. */
export async function runSql(directory: Server, sql: string): Promise<void> {
  const response = await fetch(`${directory.url}/query`, { method: "POST", body: JSON.stringify({ sql }) });
  const answer = await response.text();
  if (answer.includes('"success":false'))
    throw new Error(`the directory refused ${sql.slice(0, 80)}: ${answer}`);
}
