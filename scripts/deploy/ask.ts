/** Asks the operator for what only they know. */
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";

/**
 * A secret: from the environment variable of its name, else asked for without showing it.
 * @param why where it comes from.
 * Ends the script where there is neither: nothing is stored half.
 */
export async function ask(name: string, why: string): Promise<string> {
  const given = process.env[name];
  if (given) return given;
  if (!process.stdin.isTTY) {
    console.error(
      `${name} is needed: ${why}. Set the environment variable of this name, or run this in a terminal.`,
    );
    process.exit(1);
  }
  process.stdout.write(`${name}, ${why}:\n> `);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true });
  const answer = (await terminal.question("")).trim();
  terminal.close();
  process.stdout.write("\n");
  if (answer !== "") return answer;
  console.error(`${name} was left empty; nothing more was done.`);
  process.exit(1);
}
