/** From a Worker to a running `workerd`: bundle, configuration, process, and what the process has cost so far. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort, isUp, wranglerIn } from "../scripts/serve.ts";
import { ROOT } from "../scripts/tools.ts";
import { ProcessCpu } from "./cpu.ts";

const START_TIMEOUT_MS = 20_000;
/** Where a Worker's modules are, beside its configuration. */
const BUNDLE = "bundle";
const CONFIG = "config.capnp";

/** A binding as the configuration of workerd has it, without its name: `text = "..."`. */
export type Bindings = Record<string, string>;

export interface WorkerSpec {
  /** Names the directory under which everything of this Worker is kept. */
  name: string;
  /** The wrangler configuration that bundles it, and the folder where wrangler runs: this checkout unless it is said. */
  config: string;
  root?: string;
  /** The module that the bundle begins with. */
  entry: string;
  compatibility_date: string;
  compatibility_flags: readonly string[];
  bindings: Bindings;
  /** Classes of Durable Objects, all with SQLite. */
  classes: readonly string[];
  /** Other services, as the configuration of workerd has them. */
  services?: readonly string[];
  /** Answers GET when the server is up. */
  health: string;
  /** The CPU on which it runs. */
  cpu: number;
  /** The port of its inspector; a server that has one is a little slower. */
  inspector?: number | undefined;
}

/** Text as the configuration of workerd quotes it. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

/** One module of the bundle. Paths are relative to the configuration: workerd takes others for its own. */
function moduleLine(file: string): string[] {
  const content = `embed ${quoted(`${BUNDLE}/${file}`)}`;
  if (file.endsWith(".js")) return [`(name = ${quoted(file)}, esModule = ${content})`];
  if (file.endsWith(".wasm")) return [`(name = ${quoted(file)}, wasm = ${content})`];
  if (file.endsWith(".map") || file === "README.md") return [];
  return [`(name = ${quoted(file)}, text = ${content})`];
}

/** The configuration of one workerd: the Worker, its objects on disk, one port. */
function capnp(spec: WorkerSpec, files: string[], state: string, port: number): string {
  // The first module is the entry.
  const ordered = [spec.entry, ...files.filter((file) => file !== spec.entry)];
  const bindings = Object.entries(spec.bindings).map(([name, value]) => `(name = ${quoted(name)}, ${value})`);
  const namespaces = spec.classes.map(
    (name) => `(className = ${quoted(name)}, uniqueKey = ${quoted(name)}, enableSql = true)`,
  );
  const services = [
    `(name = "main", worker = (
      modules = [${ordered.flatMap((file) => moduleLine(file)).join(", ")}],
      compatibilityDate = ${quoted(spec.compatibility_date)},
      compatibilityFlags = [${spec.compatibility_flags.map(quoted).join(", ")}],
      bindings = [${bindings.join(", ")}],
      durableObjectNamespaces = [${namespaces.join(", ")}],
      durableObjectStorage = (localDisk = "state")))`,
    `(name = "state", disk = (path = ${quoted(state)}, writable = true))`,
    ...(spec.services ?? []),
  ];
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [${services.join(",\n")}],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]);
`;
}

/** A running workerd. */
export class Server {
  readonly url: string;
  readonly #spec: WorkerSpec;
  /** Where its configuration is, and its log. */
  readonly #directory: string;
  #process: ChildProcess;
  #cpu: ProcessCpu;

  private constructor(spec: WorkerSpec, directory: string, url: string) {
    this.#spec = spec;
    this.#directory = directory;
    this.url = url;
    this.#process = this.#spawn();
    this.#cpu = new ProcessCpu(pidOf(this.#process));
  }

  /** Bundles and starts. @param directory for everything it writes, its objects' disks included. */
  static async start(spec: WorkerSpec, directory: string): Promise<Server> {
    const own = join(directory, spec.name);
    const state = join(own, "state");
    mkdirSync(state, { recursive: true });
    const port = await freePort();
    const bundle = join(own, BUNDLE);
    // As a deployment would.
    wranglerIn(spec.root ?? ROOT, "deploy", "--dry-run", "--config", spec.config, "--outdir", bundle);
    writeFileSync(join(own, CONFIG), capnp(spec, readdirSync(bundle), state, port), { mode: 0o600 });
    const server = new Server(spec, own, `http://127.0.0.1:${port}`);
    await server.#up();
    return server;
  }

  /** Ends the process and starts another on the same state: its memory is then that of a beginning. */
  async restart(): Promise<void> {
    const ended = once(this.#process, "exit");
    this.stop();
    await ended;
    this.#process = this.#spawn();
    this.#cpu = new ProcessCpu(pidOf(this.#process));
    await this.#up();
  }

  /** CPU that the process has used so far, all threads, user and system, in microseconds. */
  cpu(): number {
    return this.#cpu.used();
  }

  /**
   * Memory that the process holds, in bytes.
   * @param kind `RssAnon` is what it has written itself. The rest are pages of files, such as its code, which the kernel takes
   * away and gives back as it likes.
   */
  memory(kind: "VmRSS" | "RssAnon" = "VmRSS"): number {
    const [, kilobytes] =
      new RegExp(`^${kind}:\\s+(\\d+) kB`, "m").exec(readFileSync(`/proc/${this.pid}/status`, "utf8")) ?? [];
    return Number(kilobytes) * 1024;
  }

  /** The process that runs now; another one after {@link restart}. */
  get pid(): number {
    return pidOf(this.#process);
  }

  /** Where its profiler is to be asked; undefined if it has none. */
  get inspector(): number | undefined {
    return this.#spec.inspector;
  }

  /** Ends the process. */
  stop(): void {
    this.#process.kill("SIGKILL");
  }

  #spawn(): ChildProcess {
    const log = openSync(join(this.#directory, "log"), "a");
    const config = join(this.#directory, CONFIG);
    const { cpu, inspector } = this.#spec;
    const inspected = inspector === undefined ? [] : [`--inspector-addr=127.0.0.1:${inspector}`];
    const serve = ["serve", config, "--experimental", ...inspected];
    const [command, ...args] = onCpu(cpu, workerdPath(), ...serve);
    const child = spawn(command, args, { stdio: ["ignore", log, log] });
    closeSync(log);
    return child;
  }

  async #up(): Promise<void> {
    const end = Date.now() + START_TIMEOUT_MS;
    while (!(await isUp(this.url, this.#spec.health))) {
      if (this.#process.exitCode !== null || Date.now() > end) {
        this.stop();
        const log = readFileSync(join(this.#directory, "log"), "utf8").slice(-2000);
        throw new Error(`workerd did not start ${this.#spec.name}:\n${log}`);
      }
      await sleep(20);
    }
  }
}

function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error("workerd did not start");
  return pid;
}

/** The executable that runs the servers. */
export function workerdPath(): string {
  return join(import.meta.dirname, "../node_modules/workerd/bin/workerd");
}

/** A command that runs on one CPU only. */
function onCpu(cpu: number, ...command: [string, ...string[]]): [string, ...string[]] {
  return ["taskset", "--cpu-list", String(cpu), ...command];
}

/** Keeps this process, the client of all sides, on one CPU. */
export function stayOnCpu(cpu: number): void {
  execFileSync("taskset", ["--all-tasks", "--cpu-list", "--pid", String(cpu), String(process.pid)], {
    stdio: "pipe",
  });
}
