/**
 * `npm run bench`: the service beside its floors, in one run, on one machine, driven by one client.
 * `--help` lists the flags.
 */
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { cpus } from "node:os";
import { basename, join, resolve } from "node:path";
import { onExit } from "../scripts/serve.ts";
import { type Checkout, commitOf, isSameCode, thisCheckout } from "./checkout.ts";
import { type Difference, differences, differencesTable } from "./compare.ts";
import { readCommand } from "./options.ts";
import { check, checkLine, medians, type TableSpec, table } from "./report.ts";
import { save } from "./save.ts";
import { Bench, type Options, type Scenario } from "./scenario.ts";
import { Servers } from "./servers.ts";
import { CLIENT_CPU, SERVER_CPU } from "./specs.ts";
import { stayOnCpu } from "./workerd.ts";

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

/** What the results belong to. */
interface About {
  at: string;
  machine: string;
  fsync_us: number;
  options: Options;
  /** What is checked out here, and in each folder that this one is compared with. */
  commits: Record<string, string>;
  /** Scenarios that broke off, and why. */
  failed: Record<string, string>;
}

/** Prints and saves what there is; a scenario that broke off is reported as far as it came. */
function report(bench: Bench, done: Scenario[], others: Checkout[], about: About): void {
  const shown = medians(bench.results);
  const tables = done.flatMap((scenario) => scenario.tables(bench.options));
  console.log(
    `Plain workerd on CPU ${SERVER_CPU}, its objects on disk (fsync ${about.fsync_us} us), limits off;`,
  );
  console.log(`the client, and the database that stands in for D1, on CPU ${CLIENT_CPU}: ${about.machine}.`);
  console.log(`Medians of ${bench.options.runs}.`);
  const comparisons = others.map((other) => compare(bench, tables, others, other, about));
  for (const spec of tables) console.log(`\n${spec.heading}\n\n${table(shown, spec)}`);
  const targets = done.flatMap((scenario) => scenario.targets(bench.options));
  // A comparison is mostly without the floors, which targets are about.
  const checks = check(shown, targets).filter(({ ratio }) => others.length === 0 || ratio !== undefined);
  if (checks.length > 0) console.log("\nTargets\n");
  for (const result of checks) console.log(checkLine(result));
  for (const [name, error] of Object.entries(about.failed)) console.log(`FAILED ${name}: ${error}`);
  const name = others.length > 0 ? `against-${others.map(shortName).join("-")}` : "latest";
  console.log(`\n${save(name, { ...about, comparisons }, bench.results, tables, checks)}`);
}

function shortName({ root }: Checkout): string {
  return basename(resolve(root));
}

/** Prints how this checkout differs from another. */
function compare(
  { results }: Bench,
  tables: TableSpec[],
  others: Checkout[],
  other: Checkout,
  { commits }: About,
): { against: string; differences: Difference[] } {
  const same = others.find((checkout) => isSameCode(checkout, thisCheckout()));
  const found = differences(results, tables, other.name, same?.name);
  const here = `this checkout (${commits["."]})`;
  const title =
    other === same
      ? `The same code twice, ${here}: the noise`
      : `Before: ${other.name} (${commits[other.name]}); after: ${here}`;
  console.log(`\n${title}`);
  for (const [phase, rows] of Map.groupBy(found, ({ scenario }) => scenario)) {
    const spec = tables.find((known) => known.phase === phase);
    console.log(`\n${spec?.heading ?? phase}\n\n${differencesTable(rows, spec?.of ?? "size")}`);
  }
  return { against: other.name, differences: found };
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

/** Commits by the folders' names; this checkout's is under ".". */
function commitsOf(others: Checkout[]): Record<string, string> {
  const named = others.map((other) => [other.name, commitOf(other)]);
  return { ...Object.fromEntries(named), ".": commitOf(thisCheckout()) };
}

async function main(): Promise<void> {
  const { options, scenarios, others, dir, isProfiled } = readCommand();
  if (process.platform !== "linux" || cpus().length < 2) {
    console.error(
      "bench: needs Linux (/proc, taskset) and two CPUs: one for the servers, one for the client",
    );
    process.exit(1);
  }
  stayOnCpu(CLIENT_CPU);
  const directory = mkdtempSync(join(dir, "rocket-bench-"));
  const servers = new Servers(directory, isProfiled, others);
  onExit(() => {
    servers.stop();
    rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  });
  const about: About = {
    at: new Date().toISOString(),
    machine: `${cpus().length} x ${cpus()[0]?.model}`,
    fsync_us: Math.round(fsyncCost(directory)),
    options,
    commits: commitsOf(others),
    failed: {},
  };
  const bench = new Bench(options, servers);
  await runAll(bench, scenarios, about);
  report(bench, scenarios, others, about);
  process.exitCode = Object.keys(about.failed).length > 0 ? 1 : 0;
}

await main();
process.exit();
