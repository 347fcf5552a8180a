/** Reads the command line of a script: `--help` shows its usage, and what it does not know is one line and exit code 2. */
import { type ParseArgsOptionsConfig, parseArgs } from "node:util";

/** What a script takes. */
interface Command<Options extends ParseArgsOptionsConfig> {
  /** How it is called and what each flag means, as `--help` prints it. */
  usage: string;
  options?: Options;
  /** How many words may stand beside the flags; none unless it says so. */
  words?: number;
}

/** Ends the script because of how it was called. */
export function refuseArguments(message: string): never {
  console.error(`${message} (--help shows the usage)`);
  process.exit(2);
}

/** Prints the usage and ends the script where `--help` is among its arguments, whatever else is. */
export function answerHelp(usage: string, args = process.argv.slice(2)): void {
  const flags = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  if (!flags.includes("--help") && !flags.includes("-h")) return;
  console.log(usage.trim());
  process.exit(0);
}

/** The flags and words that a script was given. */
export function readArguments<const Options extends ParseArgsOptionsConfig = Record<never, never>>({
  usage,
  options,
  words = 0,
}: Command<Options>) {
  answerHelp(usage);
  const read = parsed(options ?? ({} as Options));
  const extra = read.positionals[words];
  if (extra !== undefined) refuseArguments(`Unexpected argument '${extra}'`);
  return read;
}

function parsed<const Options extends ParseArgsOptionsConfig>(options: Options) {
  try {
    return parseArgs({ options, strict: true, allowPositionals: true });
  } catch (error) {
    // Node explains at length how to pass words that look like flags; no script here takes such.
    const [first = ""] = String(error instanceof Error ? error.message : error).split(/\.\s|\n/);
    return refuseArguments(first);
  }
}

/** A flag that is a positive whole number. */
export function wholeNumber(flag: string, value: string): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < 1 || !Number.isSafeInteger(number)) {
    refuseArguments(`--${flag} takes a positive whole number, not '${value}'`);
  }
  return number;
}

/** Flags that are all positive whole numbers. */
export function wholeNumbers<Name extends string>(flags: Record<Name, string>): Record<Name, number> {
  const entries = Object.entries<string>(flags).map(([name, value]) => [name, wholeNumber(name, value)]);
  return Object.fromEntries(entries) as Record<Name, number>;
}
