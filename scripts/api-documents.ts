/**
 * `npm run api-documents`: writes /openapi.json and /asyncapi.json to files, as a deployment without settings of its own
 * serves them, for linters and generators.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readArguments, run } from "./cli.ts";

/** Stands for whichever deployment serves them. */
const ORIGIN = "https://chat.test";

const command = {
  start: "npm run api-documents",
  about: "Writes openapi.json and asyncapi.json, as the server serves them.",
  flags: { out: { type: "string", default: "dist/api", about: "the folder" } },
} as const;

/** The part of the application that is used. Its types are the Worker's, which scripts do not know. */
interface App {
  request(url: string, init: object, env: object): Promise<Response>;
}
const { createApp } = (await import(new URL("../src/app.ts", import.meta.url).href)) as { createApp(): App };

async function write(name: string, folder: string): Promise<void> {
  const response = await createApp().request(`${ORIGIN}/${name}`, {}, {});
  if (!response.ok) throw new Error(`/${name} answered ${response.status}`);
  writeFileSync(join(folder, name), `${JSON.stringify(await response.json(), undefined, 2)}\n`);
}

const { out } = readArguments(command).flags;
await run(command, async () => {
  mkdirSync(out, { recursive: true });
  for (const name of ["openapi.json", "asyncapi.json"]) await write(name, out);
});
