/** Where the service spends its CPU: the runtime's own profiler, over its inspector, around a phase. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { Inspector } from "./inspector.ts";

const DIRECTORY = join(import.meta.dirname, "results");
/** Microseconds between two samples. */
const INTERVAL_US = 200;
/** Functions that are listed. */
const SHOWN = 45;

let profiles = 0;

const Node = z.object({
  id: z.number(),
  callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
});
const Profile = z.object({
  nodes: z.array(Node),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});
/** Profiles what happens while `work` runs, prints the functions by their own time, and keeps the whole profile. */
export async function profiled<T>(port: number, name: string, work: () => Promise<T>): Promise<T> {
  const inspector = await Inspector.open(port);
  await inspector.ask("Profiler.enable");
  await inspector.ask("Profiler.setSamplingInterval", { interval: INTERVAL_US });
  await inspector.ask("Profiler.start");
  const result = await work();
  const { profile } = await inspector.ask("Profiler.stop");
  inspector.close();
  profiles += 1;
  const file = join(DIRECTORY, `${profiles}-${name.replaceAll(/[^a-z0-9]+/gi, "-")}.cpuprofile`);
  mkdirSync(DIRECTORY, { recursive: true });
  writeFileSync(file, JSON.stringify(profile));
  console.error(`${name}\n${byOwnTime(Profile.parse(profile))}\n${file}`);
  return result;
}

/** Own time of each function, as its share of the time in which anything ran. */
function byOwnTime({ nodes, samples, timeDeltas }: z.infer<typeof Profile>): string {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const times = new Map<string, number>();
  samples.forEach((node, i) => {
    const name = names.get(node) ?? "";
    times.set(name, (times.get(name) ?? 0) + (timeDeltas[i] ?? 0));
  });
  const idle = (times.get("(idle)") ?? 0) / 1e6;
  times.delete("(idle)");
  const busy = [...times.values()].reduce((sum, time) => sum + time, 0);
  const lines = [...times]
    .sort(([, a], [, b]) => b - a)
    .slice(0, SHOWN)
    .map(([name, time]) => `${((100 * time) / busy).toFixed(1).padStart(6)} %  ${name}`);
  return [`busy ${(busy / 1e6).toFixed(2)} s, idle ${idle.toFixed(2)} s`, ...lines].join("\n");
}

function nameOf({ functionName, url, lineNumber }: z.infer<typeof Node>["callFrame"]): string {
  const file = url.split("/").at(-1);
  return `${functionName || "(anonymous)"}${file ? ` ${file}:${lineNumber + 1}` : ""}`;
}
