/** The command line of the bench. */
import { tmpdir } from "node:os";
import { readArguments, refuseArguments, wholeNumber } from "../scripts/arguments.ts";
import { type Checkout, otherCheckout } from "./checkout.ts";
import type { Options, Scenario } from "./scenario.ts";
import { SCENARIOS } from "./scenarios/all.ts";

const NAMES = SCENARIOS.map(({ name }) => name);
const COMPARABLE = SCENARIOS.filter(({ comparable }) => comparable);

const SIDES = [
  "relay",
  "insert",
  "guide",
  "batch",
  "lean",
  "hub",
  "hub-batch",
  "hub-lean",
  "endpoint",
  "rest",
];

const USAGE = `
Usage: npm run bench -- [flags]

The service beside its floors, in one run, on one machine, driven by one client.

  --quick               tries everything with small numbers
  --scenarios <names>   some of ${NAMES.join(",")}
  --sizes <numbers>     members of the rooms; 10,100,500,1000
  --rooms <number>      rooms at once, where a scenario has many; 200, or 500 direct chats
  --seconds <number>    of each phase; 4
  --runs <number>       3, or 5 with --against
  --window <number>     messages on their way, in rooms and hub-rooms; 256
  --without-ids         messages without client_message_id; small-rooms and direct-chats never have one
  --settle <seconds>    how long sockets are left alone after connecting; 16, or 0 with --quick. Objects are put away
                        after 10
  --sides <names>       some of ${SIDES.join(",")}
  --attempts <number>   how often a disturbed phase is tried; 3
  --quiet <seconds>     how long quiet is waited for before each phase; 30
  --dir <path>          where the state is
  --profile             where the service's CPU goes; the figures of such a run are not to be kept

Before and after a change:

  --against <folders>   other checkouts, with their node_modules: the service of each is built there and takes turns with
                        this one's, with this bench's clients. '.' is the same code again, which shows the noise; with
                        '../before,.' the differences are held against the noise of the same run. The floors take part
                        if --sides names one. Scenarios: ${COMPARABLE.map(({ name }) => name).join(",")}
`;

const { values: flags } = readArguments({
  usage: USAGE,
  options: {
    quick: { type: "boolean", default: false },
    scenarios: { type: "string" },
    sizes: { type: "string" },
    rooms: { type: "string" },
    seconds: { type: "string" },
    runs: { type: "string" },
    window: { type: "string" },
    "without-ids": { type: "boolean", default: false },
    settle: { type: "string" },
    sides: { type: "string", default: "" },
    attempts: { type: "string" },
    quiet: { type: "string" },
    against: { type: "string", default: "" },
    profile: { type: "boolean", default: false },
    dir: { type: "string", default: tmpdir() },
  },
});

/** What the whole run needs, beside what scenarios do. */
export interface Command {
  options: Options;
  scenarios: Scenario[];
  others: Checkout[];
  /** Where the state is. */
  dir: string;
  isProfiled: boolean;
}

/** Reads the command line; what it does not know ends the bench. */
export function readCommand(): Command {
  const scenarios = wantedScenarios(names(flags.against).length > 0);
  const others = otherCheckouts();
  return {
    options: readOptions(others),
    scenarios,
    others,
    dir: flags.dir,
    isProfiled: flags.profile,
  };
}

function readOptions(others: Checkout[]): Options {
  const { quick, rooms } = flags;
  const runs = others.length > 0 ? "5" : "3";
  return {
    quick,
    sizes: names(flags.sizes ?? (quick ? "10" : "10,100,500,1000")).map((size) => wholeNumber("sizes", size)),
    rooms: rooms === undefined ? undefined : wholeNumber("rooms", rooms),
    seconds: seconds("seconds", flags.seconds ?? (quick ? "0.5" : "4")),
    runs: wholeNumber("runs", flags.runs ?? (quick ? "1" : runs)),
    window: wholeNumber("window", flags.window ?? (quick ? "32" : "256")),
    withoutIds: flags["without-ids"],
    settleSeconds: seconds("settle", flags.settle ?? (quick ? "0" : "16")),
    attempts: wholeNumber("attempts", flags.attempts ?? (quick ? "1" : "3")),
    quietSeconds: seconds("quiet", flags.quiet ?? (quick ? "0" : "30")),
    sides: wantedSides(),
    against: others.map(({ name }) => name),
  };
}

function wantedScenarios(isComparison: boolean): Scenario[] {
  if (flags.scenarios === undefined) return isComparison ? COMPARABLE : SCENARIOS;
  return names(flags.scenarios).map((name) => {
    const scenario = SCENARIOS.find((known) => known.name === name);
    if (!scenario) refuseArguments(`No scenario '${name}'; there are ${NAMES.join(", ")}`);
    if (isComparison && !scenario.comparable) {
      refuseArguments(`'${name}' reaches into this checkout's source, so --against cannot run it`);
    }
    return scenario;
  });
}

function wantedSides(): string[] {
  const sides = names(flags.sides);
  const unknown = sides.find((side) => !SIDES.includes(side));
  if (unknown !== undefined) refuseArguments(`No side '${unknown}'; there are ${SIDES.join(", ")}`);
  return sides;
}

function otherCheckouts(): Checkout[] {
  return [...new Set(names(flags.against))].map((folder) => {
    const checkout = otherCheckout(folder);
    return typeof checkout === "string" ? refuseArguments(checkout) : checkout;
  });
}

function names(list: string): string[] {
  return list.split(",").filter((name) => name !== "");
}

/** A flag that is a time, 0 included. */
function seconds(flag: string, value: string): number {
  const number = Number(value);
  if (!/^\d*\.?\d+$/.test(value)) refuseArguments(`--${flag} takes seconds, not '${value}'`);
  return number;
}
