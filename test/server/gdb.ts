/** A debugger that stays open, so that the symbols of a large program are read once and a look costs a moment. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";

/** Reading the symbols of workerd takes two seconds of CPU; a busy machine takes longer. */
const TIMEOUT_MS = 60_000;
/** Without it every command stops for a key, asks back, or reads the symbols of every library. */
const QUIETLY = ["set pagination off", "set confirm off", "set auto-solib-add off"];

/** This machine has no gdb. */
export class NoGdb extends Error {
  constructor() {
    super("gdb is not installed");
  }
}

/** A gdb that has read the symbols of one program. */
export class Gdb {
  readonly #process: ChildProcessWithoutNullStreams;
  #asked = 0;

  private constructor(program: string) {
    const args = ["-nx", "-quiet", "-readnever", program];
    this.#process = spawn("gdb", args, { stdio: "pipe" });
  }

  /**
   * Starts gdb and reads the symbols.
   * @param program path of the executable.
   * @throws NoGdb if there is no gdb on this machine.
   */
  static async open(program: string): Promise<Gdb> {
    const gdb = new Gdb(program);
    try {
      await once(gdb.#process, "spawn");
    } catch {
      throw new NoGdb();
    }
    await gdb.#run(QUIETLY);
    return gdb;
  }

  /**
   * Stops a process, has gdb carry out commands in it, and lets it go on.
   * @returns what gdb printed.
   * @throws Error if gdb does not answer in time.
   */
  async ask(pid: number, commands: readonly string[]): Promise<string> {
    return await this.#run([`attach ${pid}`, ...commands, "detach"]);
  }

  /** Ends gdb, which lets go of what it holds. */
  close(): void {
    this.#process.kill();
  }

  async #run(commands: readonly string[]): Promise<string> {
    this.#asked += 1;
    const { stdin, stdout, stderr } = this.#process;
    const end = `answered-${this.#asked}`;
    let text = "";
    return await new Promise((resolve, reject) => {
      const settle = (error?: Error): void => {
        clearTimeout(timer);
        stdout.off("data", hear);
        stderr.off("data", hear);
        if (error) reject(error);
        else resolve(text);
      };
      const hear = (data: Buffer): void => {
        text += String(data);
        if (text.includes(end)) settle();
      };
      const timer = setTimeout(() => {
        this.close();
        settle(new Error(`gdb did not answer: ${text.slice(-500)}`));
      }, TIMEOUT_MS);
      stdout.on("data", hear);
      stderr.on("data", hear);
      stdin.write([...commands, `echo ${end}\\n`, ""].join("\n"));
    });
  }
}
