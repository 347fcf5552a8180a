/** `npm run fuzz`: more of the suite's random scripts. */
import { spawnSync } from "node:child_process";
import { readArguments, wholeNumbers } from "./arguments.ts";
import { programOf } from "./tools.ts";

const USAGE = `
Usage: npm run fuzz -- [flags]

Runs random scripts against the service, and checks what every client saw.

  --seeds <number>    how many scripts; 2000
  --from <number>     the first seed; 1
  --steps <number>    steps of each; 100
  --budget <seconds>  stops after so long; 3600
  --safety            also blocks, and a message request; not yet whole (docs/testing.md)
  --screens           also what phones show at rest; a seed in twenty finds a notification that should be gone (docs/testing.md)
`;

const {
  values: { safety, screens, ...values },
} = readArguments({
  usage: USAGE,
  options: {
    seeds: { type: "string", default: "2000" },
    from: { type: "string", default: "1" },
    steps: { type: "string", default: "100" },
    budget: { type: "string", default: "3600" },
    safety: { type: "boolean", default: false },
    screens: { type: "boolean", default: false },
  },
});

wholeNumbers(values);
const { status } = spawnSync(process.execPath, [programOf("vitest"), "run", "--project", "fuzz"], {
  stdio: "inherit",
  env: {
    ...process.env,
    FUZZ_SEEDS: values.seeds,
    FUZZ_FROM: values.from,
    FUZZ_STEPS: values.steps,
    FUZZ_BUDGET_S: values.budget,
    FUZZ_SAFETY: String(safety),
    FUZZ_SCREENS: String(screens),
  },
});
process.exit(status ?? 1);
