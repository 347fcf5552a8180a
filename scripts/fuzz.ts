/** `npm run fuzz -- --seeds 2000`: more of the suite's random scripts. Also `--from 1 --steps 100 --budget 3600` (seconds). */
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "2000" },
    from: { type: "string", default: "1" },
    steps: { type: "string", default: "100" },
    budget: { type: "string", default: "3600" },
  },
});

const { status } = spawnSync("vitest", ["run", "--project", "fuzz"], {
  stdio: "inherit",
  env: {
    ...process.env,
    FUZZ_SEEDS: values.seeds,
    FUZZ_FROM: values.from,
    FUZZ_STEPS: values.steps,
    FUZZ_BUDGET_S: values.budget,
  },
});
process.exit(status ?? 1);
