/** `npm run dev`: whatever a fresh clone lacks (a secret, the local tables), then `wrangler dev` with the flags given. */
import { spawn, spawnSync } from "node:child_process";
import { ensureDevVars } from "./dev-vars.ts";
import { WITHOUT_TRACES } from "./serve.ts";

ensureDevVars();
const migrate = spawnSync("wrangler", ["d1", "migrations", "apply", "DB", "--local"], {
  stdio: ["ignore", "ignore", "inherit"],
  env: { ...process.env, CI: "1" },
});
if (migrate.status !== 0) process.exit(migrate.status ?? 1);
const server = spawn("wrangler", ["dev", ...process.argv.slice(2)], {
  stdio: "inherit",
  env: { ...WITHOUT_TRACES, ...process.env },
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => server.kill(signal));
server.on("exit", (code) => process.exit(code ?? 0));
