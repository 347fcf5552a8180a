/**
 * `npm run migrations`: writes the migrations that a change of a schema needs, for each of the three databases.
 * Flags go on to drizzle-kit, as in `npm run migrations -- --name reactions`.
 */
import { spawnSync } from "node:child_process";
import { readArguments } from "./arguments.ts";
import { programOf } from "./tools.ts";

const USAGE = `
Usage: npm run migrations -- [flags]

Writes the migrations that a change of a schema needs, for each of the three databases.

  --name <word>   what to call them
  --custom        empty ones, to be filled in by hand
`;

/** The targets of drizzle.config.ts. */
const TARGETS = ["directory", "conversation", "hub"];

readArguments({ usage: USAGE, options: { name: { type: "string" }, custom: { type: "boolean" } } });
for (const target of TARGETS) {
  console.log(`${target}:`);
  const { status } = spawnSync(
    process.execPath,
    [programOf("drizzle-kit"), "generate", ...process.argv.slice(2)],
    {
      stdio: "inherit",
      env: { ...process.env, TARGET: target },
    },
  );
  if (status !== 0) process.exit(status ?? 1);
}
