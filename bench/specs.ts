/** How each server of the bench is configured: the floors, the database, and the service of a checkout. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Checkout, type Config, entryOf } from "./checkout.ts";
import { type Bindings, quoted, type Server, type WorkerSpec } from "./workerd.ts";

/** The servers run on one CPU; the client, and the database that is not measured, on the other. */
export const SERVER_CPU = 0;
export const CLIENT_CPU = 1;

export type Common = Pick<WorkerSpec, "compatibility_date" | "compatibility_flags">;
/** What is bundled, and under which name its state is kept. */
export type Bundled = Pick<WorkerSpec, "name" | "root" | "config" | "entry">;

/** What the Workers of one configuration share. */
export function commonOf({ compatibility_date, compatibility_flags }: Config): Common {
  if (compatibility_date === undefined) throw new Error("wrangler.toml names no compatibility_date");
  return { compatibility_date, compatibility_flags };
}

/** The service of a checkout, bundled as its own wrangler.toml says. */
export function bundleOf(checkout: Checkout, name: string): Bundled {
  return { name, root: checkout.root, config: checkout.configPath, entry: entryOf(checkout) };
}

/** One of the bench's own Workers, with a wrangler configuration that has nothing but what bundling needs. */
export function ownBundle(directory: string, name: string, common: Common): Bundled {
  const config = join(directory, `${name}.json`);
  const main = join(import.meta.dirname, name, "worker.ts");
  writeFileSync(config, JSON.stringify({ name, main, ...common }));
  return { name, config, entry: "worker.js" };
}

/** A namespace of Durable Objects for each class, bound under these names. */
function objects(namespaces: Record<string, string>): Bindings {
  const entries = Object.entries(namespaces);
  return Object.fromEntries(
    entries.map(([name, className]) => [name, `durableObjectNamespace = ${quoted(className)}`]),
  );
}

export function floorSpec(directory: string, common: Common): WorkerSpec {
  return {
    ...common,
    ...ownBundle(directory, "floor", common),
    bindings: objects({ RELAY: "Relay", RELAY_WITH_INSERT: "RelayWithInsert", ENDPOINT: "Endpoint" }),
    classes: ["Relay", "RelayWithInsert", "Endpoint"],
    health: "/",
    cpu: SERVER_CPU,
  };
}

export function directorySpec(directory: string, common: Common): WorkerSpec {
  return {
    ...common,
    ...ownBundle(directory, "directory", common),
    bindings: objects({ DIRECTORY: "Directory" }),
    classes: ["Directory"],
    health: "/",
    cpu: CLIENT_CPU,
  };
}

/** The service as a wrangler.toml describes it, with limits off. */
export function serviceSpec(
  config: Config,
  secret: string,
  directory: Server,
): Omit<WorkerSpec, keyof Bundled> {
  const common = commonOf(config);
  const namespaces = config.durable_objects.bindings;
  // For signing links. No scenario stores a file.
  const storage = {
    R2_S3_ENDPOINT: "http://127.0.0.1:9",
    R2_ACCESS_KEY_ID: "key",
    R2_SECRET_ACCESS_KEY: secret,
  };
  const vars = { ...config.vars, ...storage, JWT_SECRET: secret, RATE_LIMIT_MODE: "off" };
  const texts = Object.entries(vars).map(([name, value]) => [name, `text = ${quoted(String(value))}`]);
  const databases = config.d1_databases.map(({ binding }) => [
    binding,
    `wrapped = (moduleName = "cloudflare-internal:d1-api", innerBindings = [(name = "fetcher", service = "directory")])`,
  ]);
  // Nothing is stored in buckets or pushed: these only have to exist.
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
