/** Asks the operator for what only they know. */
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";

/** A secret without what a file or a shell has put around it: line ends of Windows, and blank lines. */
export function plainSecret(text: string): string {
  return text.replaceAll("\r\n", "\n").trim();
}

/** The secret that somebody types or pastes: one line, or as many as a key in PEM has. */
export async function secretOf(lines: AsyncIterable<string>): Promise<string> {
  const typed: string[] = [];
  for await (const line of lines) {
    typed.push(line);
    const isKey = typed[0]?.trimStart().startsWith("-----BEGIN") ?? false;
    if (!isKey || line.includes("-----END")) break;
  }
  return plainSecret(typed.join("\n"));
}

/**
 * A secret: from the environment variable of its name, else asked for without showing it.
 * @param why where it comes from.
 * Ends the script where there is neither: nothing is stored half.
 */
export async function ask(name: string, why: string): Promise<string> {
  const given = plainSecret(process.env[name] ?? "");
  if (given !== "") return given;
  if (!process.stdin.isTTY) {
    console.error(
      `${name} is needed: ${why}. Set the environment variable of this name, or run this in a terminal.`,
    );
    process.exit(1);
  }
  process.stdout.write(`${name}, ${why}:\n> `);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true });
  const answer = await secretOf(terminal);
  terminal.close();
  process.stdout.write("\n");
  if (answer !== "") return answer;
  console.error(`${name} was left empty; nothing more was done.`);
  process.exit(1);
}
