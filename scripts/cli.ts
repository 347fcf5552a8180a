/** What every script does with its arguments: `--help`, one line for a mistake, and one line when it fails. */
import { parseArgs } from "node:util";

/** One flag. Numbers are whole and not negative, unless `fraction` is set. */
export type Flag = { about: string; fraction?: boolean } & (
  | { type: "string"; default?: string }
  | { type: "number"; default?: number }
  | { type: "boolean" }
);

/** A script, as its `--help` shows it. */
export interface Command<Flags extends Record<string, Flag>> {
  /** How it is started: `npm run demo`. */
  start: string;
  about: string;
  flags: Flags;
  /** Arguments without a name, where it takes any. */
  operands?: string;
}

type ValueOf<One extends Flag> = One["type"] extends "boolean"
  ? boolean
  : One["type"] extends "number"
    ? WithDefault<One, number>
    : WithDefault<One, string>;
type WithDefault<One, Value> = One extends { default: Value } ? Value : Value | undefined;

export interface Arguments<Flags extends Record<string, Flag>> {
  flags: { [Name in keyof Flags]: ValueOf<Flags[Name]> };
  operands: string[];
}

/** A mistake in what was typed. */
export class UsageError extends Error {}

/** The lines that `--help` prints. */
export function helpOf({ start, about, flags, operands }: Command<Record<string, Flag>>): string {
  const rows = Object.entries(flags).map(([name, flag]) => {
    const shown = "default" in flag && flag.default !== undefined ? ` (${flag.default})` : "";
    return {
      left: flag.type === "boolean" ? `--${name}` : `--${name} <${flag.type}>`,
      right: flag.about + shown,
    };
  });
  rows.push({ left: "--help", right: "shows this" });
  const width = Math.max(...rows.map(({ left }) => left.length)) + 2;
  const usage = [start, "--", operands, "[flags]"].filter((part) => part !== undefined).join(" ");
  return [
    about,
    "",
    `usage: ${usage}`,
    "",
    ...rows.map(({ left, right }) => `  ${left.padEnd(width)}${right}`),
    "",
  ].join("\n");
}

/** The value of a flag that was given. @throws UsageError if it is no number where one is wanted. */
function readValue(name: string, flag: Flag, given: unknown): unknown {
  if (flag.type === "boolean") return given === true;
  if (given === undefined) return flag.default;
  if (flag.type === "string") return given;
  const pattern = flag.fraction ? /^\d+(\.\d+)?$/ : /^\d{1,15}$/;
  if (!pattern.test(String(given))) throw new UsageError(`--${name} is a number, not "${given}"`);
  return Number(given);
}

/** Reads arguments. @returns "help" where that was asked for, whatever else was. @throws UsageError */
export function parseCommand<const Flags extends Record<string, Flag>>(
  command: Command<Flags>,
  args: readonly string[],
): Arguments<Flags> | "help" {
  const end = args.indexOf("--");
  const own = end < 0 ? args : args.slice(0, end);
  if (own.includes("--help") || own.includes("-h")) return "help";
  const options = Object.entries(command.flags).map(([name, { type }]) => {
    return [name, { type: type === "boolean" ? ("boolean" as const) : ("string" as const) }] as const;
  });
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: Object.fromEntries(options),
      allowPositionals: command.operands !== undefined,
    });
    const flags = Object.entries(command.flags).map(([name, flag]) => {
      return [name, readValue(name, flag, values[name])] as const;
    });
    return { flags: Object.fromEntries(flags) as Arguments<Flags>["flags"], operands: positionals };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    // The rest of Node's messages explains how to do what nobody wants to do here.
    throw new UsageError(messageOf(error).split(". ")[0] ?? "");
  }
}

/** Reads the arguments of this process; ends it after `--help`, or with one line about a mistake. */
export function readArguments<const Flags extends Record<string, Flag>>(
  command: Command<Flags>,
  args: readonly string[] = process.argv.slice(2),
): Arguments<Flags> {
  try {
    const read = parseCommand(command, args);
    if (read !== "help") return read;
    console.log(helpOf(command));
    process.exit(0);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    fail(command, error.message);
  }
}

/** Ends this process with one line about a mistake in what was typed. */
export function fail(command: Pick<Command<Record<string, Flag>>, "start">, message: string): never {
  console.error(`${nameOf(command)}: ${message} (see ${command.start} -- --help)`);
  process.exit(2);
}

function nameOf({ start }: { start: string }): string {
  return start.split(/[ /]/).at(-1) ?? start;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Runs a script to its end: an error is one line, and `STACK=1` shows where it came from. */
export async function run(
  command: Pick<Command<Record<string, Flag>>, "start">,
  main: () => Promise<void> | void,
): Promise<void> {
  try {
    await main();
  } catch (error) {
    console.error(`${nameOf(command)}: ${messageOf(error).split("\n")[0]}`);
    if (process.env.STACK) console.error(error);
    process.exit(1);
  }
}
