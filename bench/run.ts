/**
 * `npm run bench`: the service beside its floors, in one run, on one machine, driven by one client.
 *
 * Flags: `--sizes 10,100,500 --seconds 4 --runs 3 --window 256 --sides relay,insert,guide,batch --dir <state>`, and
 * `--attempts 3`: how often a phase is tried that others on the machine disturb.
 */
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { onExit } from "../scripts/serve.ts";
import { medians, type Result, save, table } from "./report.ts";
import { type Side, sidesOf } from "./rooms.ts";
import { room } from "./scenarios/room.ts";
import { CLIENT_CPU, SERVER_CPU, type Servers, startServers } from "./servers.ts";
import { stayOnCpu } from "./workerd.ts";

const { values: flags } = parseArgs({
  options: {
    sizes: { type: "string", default: "10,100,500" },
    seconds: { type: "string", default: "4" },
    runs: { type: "string", default: "3" },
    window: { type: "string", default: "256" },
    sides: { type: "string", default: "relay,insert,guide,batch" },
    attempts: { type: "string", default: "3" },
    dir: { type: "string", default: tmpdir() },
  },
});

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

/** Sides take turns within each run, so that what else the machine does hits all of them. */
async function runRooms(sides: Side[]): Promise<Result[]> {
  const options = {
    seconds: Number(flags.seconds),
    window: Number(flags.window),
    attempts: Number(flags.attempts),
  };
  const results: Result[] = [];
  for (const size of flags.sizes.split(",").map(Number)) {
    for (let run = 1; run <= Number(flags.runs); run++) {
      for (const side of sides) {
        const phases = await room(side, size, options);
        for (const [scenario, figures] of Object.entries(phases)) {
          results.push({ scenario, size, side: side.name, title: side.title, figures });
        }
        const { cpu_per_delivery, deliveries_per_second, others } = phases.pipelined;
        const disturbed = Math.max(others, phases.steady.others).toFixed(2);
        const figures = `${cpu_per_delivery.toFixed(2)} us a delivery, ${Math.round(deliveries_per_second)}/s; others ${disturbed}`;
        console.error(`room of ${size}, run ${run}, ${side.title}: ${figures}`);
      }
    }
  }
  return results;
}

async function main(): Promise<void> {
  if (process.platform !== "linux" || cpus().length < 2) {
    throw new Error(
      "the bench needs Linux (/proc, taskset) and two CPUs: one for the servers, one for the client",
    );
  }
  stayOnCpu(CLIENT_CPU);
  const directory = mkdtempSync(join(flags.dir, "rocket-bench-"));
  const about = {
    at: new Date().toISOString(),
    cpu: cpus()[0]?.model,
    fsync_us: fsyncCost(directory),
    flags,
  };
  let servers: Servers | undefined;
  onExit(() => {
    servers?.stop();
    rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  });
  servers = await startServers(directory);
  const wanted = new Set(flags.sides.split(","));
  const results = await runRooms(sidesOf(servers).filter(({ name }) => wanted.has(name)));
  console.log(
    `Plain workerd on CPU ${SERVER_CPU}, objects on disk (fsync ${about.fsync_us.toFixed(0)} us), limits off;`,
  );
  console.log(
    `client and the database that stands in for D1 on CPU ${CLIENT_CPU}. Medians of ${flags.runs}.`,
  );
  const shown = medians(results);
  console.log(`\nAll send, ${flags.window} messages on their way, every delivery counted\n`);
  console.log(table(shown, "pipelined"));
  console.log("\nOne sends 50 messages a second\n");
  console.log(table(shown, "steady"));
  console.log(`\n${save(about, results)}`);
}

await main();
process.exit(0);
