/** `npm run dev`: whatever a fresh clone lacks (a secret, the local tables), then `wrangler dev` with the flags given. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { answerHelp, wholeNumber } from "./arguments.ts";
import { ensureDevVars } from "./dev-vars.ts";
import { DEVELOPMENT_ENTRY, isUp, WITHOUT_TRACES } from "./serve.ts";
import { programOf, ROOT } from "./tools.ts";

const USAGE = `
Usage: npm run dev -- [flags of \`wrangler dev\`]

Makes a local secret and the local tables where they are missing, then serves on http://localhost:8787.
Pages of every loopback origin may use it.

  --port <number>      another port
  --persist-to <dir>   another place for the local data
  --help               this text; \`npx wrangler dev --help\` lists the other flags
`;

/** Setting of this command alone: no file that is deployed may hold it. */
const LOOPBACK_ORIGINS = ["--var", "DEV_ALLOW_LOOPBACK_ORIGINS:true"];
const WRANGLER = programOf("wrangler");

/** The port of wrangler.toml. */
function usualPort(): number {
  const [, port] = /^\[dev\]\s*\nport\s*=\s*(\d+)/m.exec(readFileSync(`${ROOT}/wrangler.toml`, "utf8")) ?? [];
  return Number(port ?? 8787);
}

async function isTaken(host: string, port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, host, () => resolve(true));
    socket.on("error", () => resolve(false));
    socket.on("close", () => socket.destroy());
  });
}

function welcome(url: string, port: number): string {
  const flag = port === usualPort() ? "" : ` -- --port ${port}`;
  const lines = {
    [url]: "the chat: sign in as one of three people, and open another beside",
    [`${url}/docs`]: "the reference, where every request can be tried",
    [`${url}/health/ready`]: "whether everything that it needs answers",
    [`npm run demo${flag}`]: "three people talk, and each says what they hear",
    "npm run token -- alice": "a token for requests of your own",
  };
  const width = Math.max(...Object.keys(lines).map((what) => what.length));
  const shown = Object.entries(lines).map(([what, why]) => `    ${what.padEnd(width)}   ${why}`);
  return [
    "",
    "  The service is up. Open",
    ...shown.slice(0, 3),
    "  and in another terminal",
    ...shown.slice(3),
    "",
  ].join("\n");
}

/** Says what to open once the service answers. */
async function greet(server: ChildProcess, url: string, port: number): Promise<void> {
  while (server.exitCode === null && server.signalCode === null) {
    if (await isUp(url)) return console.log(welcome(url, port));
    await sleep(200);
  }
}

/** The value of a flag that wrangler reads too; it refuses what it does not know. */
function given(flag: "port" | "ip" | "persist-to"): string | undefined {
  const options = {
    port: { type: "string" },
    ip: { type: "string" },
    "persist-to": { type: "string" },
  } as const;
  const value = parseArgs({ options, strict: false, allowPositionals: true }).values[flag];
  return typeof value === "string" ? value : undefined;
}

/** Where the service will be; undefined where wrangler chooses. */
function wantedPort(): number | undefined {
  const port = given("port");
  if (port === "0") return undefined;
  return port === undefined ? usualPort() : wholeNumber("port", port);
}

answerHelp(USAGE);
const ip = given("ip") ?? "localhost";
const host = ["0.0.0.0", "*", "::"].includes(ip) ? "localhost" : ip;
const wanted = wantedPort();
if (wanted !== undefined && (await isTaken(host, wanted))) {
  console.error(
    `dev: port ${wanted} is in use. Stop what listens there, or take another: npm run dev -- --port 9000`,
  );
  process.exit(1);
}

ensureDevVars();
const directory = given("persist-to");
const place = directory === undefined ? [] : ["--persist-to", directory];
const migrate = spawnSync(
  process.execPath,
  [WRANGLER, "d1", "migrations", "apply", "DB", "--local", ...place],
  { stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, CI: "1" } },
);
if (migrate.status !== 0) process.exit(migrate.status ?? 1);
const server = spawn(
  process.execPath,
  [WRANGLER, "dev", DEVELOPMENT_ENTRY, ...LOOPBACK_ORIGINS, ...process.argv.slice(2)],
  {
    stdio: "inherit",
    env: { ...WITHOUT_TRACES, ...process.env },
  },
);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => server.kill(signal));
server.on("exit", (code) => process.exit(code ?? 0));
// With `--port 0` wrangler alone knows the port, and says it.
if (wanted !== undefined) void greet(server, `http://${host}:${wanted}`, wanted);
