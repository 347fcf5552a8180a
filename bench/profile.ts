/** Where the service spends its CPU: the runtime's own profiler, over its inspector, around a phase. */
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { WebSocket } from "ws";
import { z } from "zod";

const DIRECTORY = join(import.meta.dirname, "results");
/** Microseconds between two samples. */
const INTERVAL_US = 200;
/** Functions that are listed. */
const SHOWN = 45;

let profiles = 0;

const Target = z.array(z.object({ webSocketDebuggerUrl: z.string() }));
const Node = z.object({
  id: z.number(),
  callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
});
const Profile = z.object({
  nodes: z.array(Node),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});
/** The runtime answers some commands with no more than their echo. */
const Answer = z.object({ id: z.number(), result: z.object({ profile: z.unknown() }).partial().default({}) });

/** Profiles what happens while `work` runs, prints the functions by their own time, and keeps the whole profile. */
export async function profiled<T>(port: number, name: string, work: () => Promise<T>): Promise<T> {
  const inspector = await Inspector.open(port);
  await inspector.ask("Profiler.enable");
  await inspector.ask("Profiler.setSamplingInterval", { interval: INTERVAL_US });
  await inspector.ask("Profiler.start");
  const result = await work();
  const answer = await inspector.ask("Profiler.stop");
  inspector.close();
  profiles += 1;
  const file = join(DIRECTORY, `${profiles}-${name.replaceAll(/[^a-z0-9]+/gi, "-")}.cpuprofile`);
  mkdirSync(DIRECTORY, { recursive: true });
  writeFileSync(file, JSON.stringify(answer.profile));
  console.error(`${name}\n${byOwnTime(Profile.parse(answer.profile))}\n${file}`);
  return result;
}

class Inspector {
  readonly #socket: WebSocket;
  #requests = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  static async open(port: number): Promise<Inspector> {
    const [target] = Target.parse(await (await fetch(`http://127.0.0.1:${port}/json`)).json());
    const socket = new WebSocket(target?.webSocketDebuggerUrl ?? "", { perMessageDeflate: false });
    await once(socket, "open");
    return new Inspector(socket);
  }

  async ask(method: string, params: Record<string, unknown> = {}) {
    this.#requests += 1;
    const id = this.#requests;
    const answer = new Promise<z.infer<typeof Answer>["result"]>((resolve) => {
      const hear = (data: unknown): void => {
        const parsed = Answer.safeParse(JSON.parse(String(data)));
        if (parsed.data?.id !== id) return;
        this.#socket.off("message", hear);
        resolve(parsed.data.result);
      };
      this.#socket.on("message", hear);
    });
    this.#socket.send(JSON.stringify({ id, method, params }));
    return await answer;
  }

  close(): void {
    this.#socket.close();
  }
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
