/**
 * `npm run migrations`: writes the migrations that a change of a schema needs, for each of the three databases.
 * Arguments go on to drizzle-kit, as in `npm run migrations -- --name reactions`.
 */
import { spawnSync } from "node:child_process";

/** The targets of drizzle.config.ts. */
const TARGETS = ["directory", "conversation", "hub"];

for (const target of TARGETS) {
  console.log(`${target}:`);
  const { status, error } = spawnSync("drizzle-kit", ["generate", ...process.argv.slice(2)], {
    stdio: "inherit",
    env: { ...process.env, TARGET: target },
  });
  if (error) console.error(`drizzle-kit did not start (${error.message}): use \`npm run migrations\``);
  if (status !== 0) process.exit(status ?? 1);
}
