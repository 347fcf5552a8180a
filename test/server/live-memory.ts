/**
 * What a workerd has in use, in contrast to what it holds.
 *
 * The pages of the process do not tell. Its allocator (tcmalloc) gives nothing back to the kernel, so one moment in which
 * many calls are on their way raises them for good; and V8 leaves garbage lying until it collects. So the heap is
 * collected first, and the allocator is asked what is in use. It can only be asked from inside: gdb calls its functions.
 */
import { z } from "zod";
import { Inspector } from "../../bench/inspector.ts";
import { type Server, workerdPath } from "../../bench/workerd.ts";
import { Gdb } from "./gdb.ts";

const MIB = 1024 * 1024;

/** What is in use at a moment, in MiB. */
export interface LiveMemory {
  /** JavaScript objects that are left after a collection. */
  heap: number;
  /** Everything else that was allocated and not freed: SQLite's pages, sockets, calls. */
  native: number;
  /** The part of `native` that SQLite has: pages, schemas, statements. */
  sqlite: number;
  /** What the allocator has taken from the kernel for `native`; it never becomes less. */
  held: number;
}

const HeapUsage = z.looseObject({ usedSize: z.number() });

/** Names of tcmalloc's own figures (`MallocExtension::GetNumericProperty`). */
const FIGURES = { native: "generic.current_allocated_bytes", held: "generic.heap_size" };

/** Commands for gdb, which print a line for each figure. */
function commands(): string[] {
  const ask =
    "((int (*)(const char *, unsigned long, unsigned long *)) MallocExtension_Internal_GetNumericProperty)";
  return [
    "set $to = ((unsigned long *(*)(unsigned long)) malloc)(8)",
    ...Object.entries(FIGURES).flatMap(([name, figure]) => [
      `set $known = ${ask}("${figure}", ${figure.length}, $to)`,
      `printf "${name}=%lu\\n", *$to`,
    ]),
    "call (void) ((void (*)(void *)) free)($to)",
    'printf "sqlite=%ld\\n", ((long (*)(void)) sqlite3_memory_used)()',
  ];
}

/** MiB that gdb printed under a name. */
function figureIn(answer: string, name: string): number {
  const [, bytes] = new RegExp(`\\b${name}=(\\d+)`).exec(answer) ?? [];
  if (bytes === undefined) throw new Error(`no ${name} in what gdb says: ${answer.slice(-500)}`);
  return Number(bytes) / MIB;
}

/** Looks at the memory of one server. */
export class LiveMemoryProbe {
  readonly #server: Server;
  readonly #gdb: Gdb;
  readonly #inspector: Inspector;

  private constructor(server: Server, gdb: Gdb, inspector: Inspector) {
    this.#server = server;
    this.#gdb = gdb;
    this.#inspector = inspector;
  }

  /** @param server must have an inspector. @throws NoGdb if this machine has no gdb. */
  static async open(server: Server): Promise<LiveMemoryProbe> {
    if (server.inspector === undefined) throw new Error("the server has no inspector");
    const gdb = await Gdb.open(workerdPath());
    return new LiveMemoryProbe(server, gdb, await Inspector.open(server.inspector));
  }

  /** Collects garbage, then stops the server for about 0.1 s and counts. Nothing should be on its way. */
  async look(): Promise<LiveMemory> {
    // What the first collection finalises, the second one frees.
    await this.#inspector.ask("HeapProfiler.collectGarbage");
    await this.#inspector.ask("HeapProfiler.collectGarbage");
    const { usedSize } = HeapUsage.parse(await this.#inspector.ask("Runtime.getHeapUsage"));
    const answer = await this.#gdb.ask(this.#server.pid, commands());
    const [native, held, sqlite] = ["native", "held", "sqlite"].map((name) => figureIn(answer, name));
    return { heap: usedSize / MIB, native: native ?? 0, held: held ?? 0, sqlite: sqlite ?? 0 };
  }

  close(): void {
    this.#gdb.close();
    this.#inspector.close();
  }
}
