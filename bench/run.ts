/**
 * `npm run bench`: the service beside its floors, in one run, on one machine, driven by one client.
 * `--help` lists the flags.
 */
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { readArguments, refuseArguments, wholeNumber } from "../scripts/arguments.ts";
import { onExit } from "../scripts/serve.ts";
import { check, checkLine, medians, save, table } from "./report.ts";
import { Bench, type Options, type Scenario } from "./scenario.ts";
import { connect } from "./scenarios/connect.ts";
import { history } from "./scenarios/history.ts";
import { idleSockets } from "./scenarios/idle.ts";
import { list, unread } from "./scenarios/list.ts";
import { hub, ownSockets } from "./scenarios/many-rooms.ts";
import { rest } from "./scenarios/rest.ts";
import { rooms } from "./scenarios/rooms.ts";
import { search } from "./scenarios/search.ts";
import { CLIENT_CPU, SERVER_CPU, Servers } from "./servers.ts";
import { stayOnCpu } from "./workerd.ts";

const SCENARIOS = [rooms, ownSockets, hub, rest, history, list, unread, search, connect, idleSockets];

const USAGE = `
Usage: npm run bench -- [flags]

The service beside its floors, in one run, on one machine, driven by one client.

  --quick               tries everything with small numbers
  --scenarios <names>   some of ${SCENARIOS.map(({ name }) => name).join(",")}
  --sizes <numbers>     members of the rooms; 10,100,500,1000
  --seconds <number>    of each phase; 4
  --runs <number>       3
  --window <number>     messages on their way; 256
  --sides <names>       some of relay,insert,guide,batch
  --attempts <number>   how often a disturbed phase is tried; 3
  --quiet <seconds>     how long quiet is waited for before each phase; 30
  --dir <path>          where the state is
  --profile             where the service's CPU goes; the figures of such a run are not to be kept
`;

const { values: flags } = readArguments({
  usage: USAGE,
  options: {
    quick: { type: "boolean", default: false },
    scenarios: { type: "string" },
    sizes: { type: "string" },
    seconds: { type: "string" },
    runs: { type: "string" },
    window: { type: "string" },
    sides: { type: "string", default: "" },
    attempts: { type: "string" },
    quiet: { type: "string" },
    profile: { type: "boolean", default: false },
    dir: { type: "string", default: tmpdir() },
  },
});

function names(list: string): string[] {
  return list.split(",").filter((name) => name !== "");
}

function optionsOf({ quick }: typeof flags): Options {
  return {
    quick,
    sizes: names(flags.sizes ?? (quick ? "10" : "10,100,500,1000")).map((size) => wholeNumber("sizes", size)),
    seconds: Number(flags.seconds ?? (quick ? 0.5 : 4)),
    runs: wholeNumber("runs", flags.runs ?? (quick ? "1" : "3")),
    window: wholeNumber("window", flags.window ?? (quick ? "32" : "256")),
    attempts: wholeNumber("attempts", flags.attempts ?? (quick ? "1" : "3")),
    quietSeconds: Number(flags.quiet ?? (quick ? 0 : 30)),
    sides: names(flags.sides),
  };
}

function wantedScenarios(): Scenario[] {
  if (flags.scenarios === undefined) return SCENARIOS;
  return names(flags.scenarios).map((name) => {
    const scenario = SCENARIOS.find((known) => known.name === name);
    if (!scenario)
      refuseArguments(`No scenario '${name}'; there are ${SCENARIOS.map((s) => s.name).join(", ")}`);
    return scenario;
  });
}

/** What one durable write costs here, in microseconds: a disk in memory makes every commit look free. */
function fsyncCost(directory: string): number {
  const file = openSync(join(directory, "fsync"), "w");
  const times = Array.from({ length: 50 }, () => {
    const start = performance.now();
    writeSync(file, "x".repeat(4096));
    fsyncSync(file);
    return (performance.now() - start) * 1000;
  });
  closeSync(file);
  return times.sort((a, b) => a - b)[25] ?? Number.NaN;
}

/** Prints and saves what there is; a scenario that broke off is reported as far as it came. */
function report(bench: Bench, done: Scenario[], about: About): void {
  const shown = medians(bench.results);
  const tables = done.flatMap((scenario) => scenario.tables(bench.options));
  console.log(
    `Plain workerd on CPU ${SERVER_CPU}, its objects on disk (fsync ${about.fsync_us} us), limits off;`,
  );
  console.log(`the client, and the database that stands in for D1, on CPU ${CLIENT_CPU}: ${about.machine}.`);
  console.log(`Medians of ${bench.options.runs}.`);
  for (const spec of tables) console.log(`\n${spec.heading}\n\n${table(shown, spec)}`);
  const targets = done.flatMap((scenario) => scenario.targets(bench.options));
  const checks = check(shown, targets);
  console.log("\nTargets\n");
  for (const result of checks) console.log(checkLine(result));
  for (const [name, error] of Object.entries(about.failed)) console.log(`FAILED ${name}: ${error}`);
  console.log(`\n${save({ ...about }, bench.results, tables, checks)}`);
}

/** What the results belong to. */
interface About {
  at: string;
  machine: string;
  fsync_us: number;
  options: Options;
  /** Scenarios that broke off, and why. */
  failed: Record<string, string>;
}

/** Runs the scenarios; where one breaks off, the others are worth having all the same. */
async function runAll(bench: Bench, scenarios: Scenario[], about: About): Promise<void> {
  for (const scenario of scenarios) {
    await scenario.run(bench).catch((error: unknown) => {
      about.failed[scenario.name] = String(error);
      console.error(`${scenario.name} failed:`, error);
    });
  }
}

async function main(): Promise<void> {
  if (process.platform !== "linux" || cpus().length < 2) {
    console.error(
      "bench: needs Linux (/proc, taskset) and two CPUs: one for the servers, one for the client",
    );
    process.exit(1);
  }
  const scenarios = wantedScenarios();
  stayOnCpu(CLIENT_CPU);
  const directory = mkdtempSync(join(flags.dir, "rocket-bench-"));
  const servers = new Servers(directory, flags.profile);
  onExit(() => {
    servers.stop();
    rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  });
  const options = optionsOf(flags);
  const about: About = {
    at: new Date().toISOString(),
    machine: `${cpus().length} x ${cpus()[0]?.model}`,
    fsync_us: Math.round(fsyncCost(directory)),
    options,
    failed: {},
  };
  const bench = new Bench(options, servers);
  await runAll(bench, scenarios, about);
  report(bench, scenarios, about);
  process.exitCode = Object.keys(about.failed).length > 0 ? 1 : 0;
}

await main();
process.exit();
