/**
 * A server of one's own for tests that need the real thing: `wrangler dev` with its own port, state and secret, which
 * touches neither `.dev.vars` nor `.wrangler`. It may be killed and started again; the state stays until `dispose`.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { localStorageVars } from "./dev-vars.ts";
import { programOf, ROOT } from "./tools.ts";

const WRANGLER = programOf("wrangler");
/** The service with a sign-in for development: given to wrangler and not in wrangler.toml, so that no deployment has it. */
export const DEVELOPMENT_ENTRY = "src/development/index.ts";
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 5_000;
/** Wrangler would keep every request's address on disk, and in them tokens and searches. */
export const WITHOUT_TRACES = { X_LOCAL_OBSERVABILITY: "false" };
const ENVIRONMENT = { ...process.env, ...WITHOUT_TRACES, CI: "1", WRANGLER_SEND_METRICS: "false" };

/** Runs wrangler to its end. Throws with what it said if it fails. */
export function wrangler(...args: string[]): void {
  wranglerIn(ROOT, ...args);
}

/** Runs this checkout's wrangler in another folder. */
export function wranglerIn(folder: string, ...args: string[]): void {
  // This node, not whichever comes first on the path: wrangler needs a recent one.
  execFileSync(process.execPath, [WRANGLER, ...args], { cwd: folder, env: ENVIRONMENT, stdio: "pipe" });
}

/** A port that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** Whether a server answers at this address. @param path of something that it answers GET with. */
export async function isUp(url: string, path = "/health"): Promise<boolean> {
  const response = await fetch(url + path, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined);
  await response?.body?.cancel();
  return response?.ok ?? false;
}

/** Runs `cleanUp` whenever this process ends, Ctrl-C included: what it has started must not outlive it. */
export function onExit(cleanUp: () => void): void {
  process.once("exit", cleanUp);
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, () => process.exit(1));
}

export class DevServer {
  readonly url: string;
  /** What development tokens are signed with. */
  readonly secret = randomBytes(32).toString("base64url");
  readonly #identitySecret = randomBytes(32).toString("base64url");
  readonly #port: number;
  /** What wrangler starts, if not the entry of wrangler.toml. */
  readonly #entry: string | undefined;
  readonly #directory = mkdtempSync(join(tmpdir(), "rocket-chat-"));
  readonly #cleanUp = () => this.dispose();
  #process: ChildProcess | undefined;

  private constructor(port: number, entry: string | undefined) {
    this.#port = port;
    this.#entry = entry;
    this.url = `http://127.0.0.1:${port}`;
    onExit(this.#cleanUp);
  }

  /**
   * Makes the tables and starts.
   * @param vars settings beside the secret, as in `.dev.vars`.
   * @param entry instead of the one that is deployed: `DEVELOPMENT_ENTRY` has the sign-in of `npm run dev`.
   */
  static async create(vars: Record<string, string> = {}, entry?: string): Promise<DevServer> {
    const server = new DevServer(await freePort(), entry);
    server.configure(vars);
    wrangler("d1", "migrations", "apply", "DB", "--local", "--persist-to", server.state);
    await server.start();
    return server;
  }

  /** Sets what the next start reads. @param vars settings beside the secrets, as in `.dev.vars`. */
  configure(vars: Record<string, string>): void {
    const secrets = { JWT_SECRET: this.secret, IDENTITY_SECRET: this.#identitySecret };
    const lines = Object.entries({ ...secrets, ...localStorageVars(), ...vars }).map(
      ([key, value]) => `${key}="${value}"`,
    );
    writeFileSync(this.#path("vars.env"), lines.join("\n"), { mode: 0o600 });
  }

  /** Where everything is stored. */
  get state(): string {
    return this.#path("state");
  }

  /** Starts wrangler and waits until the service answers. */
  async start(): Promise<void> {
    const log = openSync(this.#path("log"), "a");
    const flags = {
      port: this.#port,
      ip: "127.0.0.1",
      "inspector-port": 0,
      "persist-to": this.state,
    };
    const args = Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, String(value)]);
    this.#process = spawn(
      process.execPath,
      [
        WRANGLER,
        "dev",
        ...(this.#entry === undefined ? [] : [this.#entry]),
        ...args,
        "--env-file",
        this.#path("vars.env"),
        "--show-interactive-dev-session=false",
      ],
      // A process group of its own, so that the runtime can be found, and nothing outlives us.
      { cwd: ROOT, env: ENVIRONMENT, stdio: ["ignore", log, log], detached: true },
    );
    if (!(await this.up(START_TIMEOUT_MS))) throw new Error(`wrangler dev did not start:\n${this.log()}`);
  }

  /** Waits until the service answers. @returns false if wrangler has ended, or `timeoutMs` have passed. */
  async up(timeoutMs: number): Promise<boolean> {
    const end = Date.now() + timeoutMs;
    while (Date.now() < end && this.#process?.exitCode === null && this.#process.signalCode === null) {
      if (await isUp(this.url)) return true;
      await sleep(50);
    }
    return false;
  }

  /** Kills the runtime that holds the objects, on the spot: wrangler starts another. @returns how many died. */
  killRuntime(): number {
    const runtimes = this.#runtimes();
    for (const { pid } of runtimes) signal(pid, "SIGKILL");
    return runtimes.length;
  }

  /** Memory of the runtime that holds the objects, in bytes. */
  memory(): number {
    return this.#runtimes().reduce((sum, { rss }) => sum + rss, 0);
  }

  #runtimes(): { pid: number; rss: number }[] {
    const processes = execFileSync("ps", ["-A", "-o", "pid=,pgid=,rss=,args="], { encoding: "utf8" });
    return processes.split("\n").flatMap((line) => {
      const [, pid, group, kilobytes, command = ""] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
      const ours = Number(group) === this.#process?.pid && command.includes("workerd serve");
      // The other workerd of `wrangler dev` is the proxy in front, which listens on our port and is left alone.
      const isProxy = command.includes(`=entry=127.0.0.1:${this.#port} `);
      return ours && !isProxy ? [{ pid: Number(pid), rss: Number(kilobytes) * 1024 }] : [];
    });
  }

  /** Runs a statement in the directory, beside the service. */
  execute(sql: string): void {
    wrangler("d1", "execute", "DB", "--local", "--persist-to", this.state, "--command", sql);
  }

  /** Kills wrangler and the runtime on the spot. */
  async killAll(): Promise<void> {
    const { pid } = this.#process ?? {};
    if (pid !== undefined) signal(-pid, "SIGKILL");
    await this.#ended();
  }

  /** Stops wrangler and the runtime. */
  async stop(): Promise<void> {
    this.#process?.kill("SIGTERM");
    await Promise.race([this.#ended(), sleep(STOP_TIMEOUT_MS)]);
    await this.killAll();
  }

  /** Kills what still runs and deletes the state. Synchronous, for it is also the last thing this process does. */
  dispose(): void {
    process.off("exit", this.#cleanUp);
    if (this.#process?.pid !== undefined) signal(-this.#process.pid, "SIGKILL");
    rmSync(this.#directory, { recursive: true, force: true, maxRetries: 5 });
  }

  /** The end of what wrangler and the Worker have said. */
  log(): string {
    return this.lines().slice(-40).join("\n");
  }

  /** All that wrangler and the Worker have said since the server was made. */
  lines(): string[] {
    return readFileSync(this.#path("log"), "utf8").split("\n");
  }

  async #ended(): Promise<void> {
    const child = this.#process;
    if (child && child.exitCode === null && child.signalCode === null) await once(child, "exit");
  }

  #path(name: string): string {
    return join(this.#directory, name);
  }
}

/** Sends a signal; that the process has gone already is no error. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
