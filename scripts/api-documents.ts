/**
 * `npm run api-documents`: writes /openapi.json and /asyncapi.json to files, as a deployment without settings of its own
 * serves them, for linters and generators. `--help` lists the flags.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { readArguments } from "./arguments.ts";

const USAGE = `
Usage: npm run api-documents -- [flags]

Writes openapi.json and asyncapi.json, as a deployment serves them.

  --out <folder>   where to; dist/api
`;

/** Stands for whichever deployment serves them. */
const ORIGIN = "https://chat.test";

/** The part of the application that is used. Its types are the Worker's, which scripts do not know. */
interface App {
  request(url: string, init: object, env: object): Promise<Response>;
}

/** Writes both documents. @returns their files. */
export async function writeDocuments(folder: string): Promise<{ openapi: string; asyncapi: string }> {
  const { createApp } = (await import(new URL("../src/app.ts", import.meta.url).href)) as {
    createApp(): App;
  };
  const write = async (name: string): Promise<string> => {
    const response = await createApp().request(`${ORIGIN}/${name}`, {}, {});
    if (!response.ok) throw new Error(`/${name} answered ${response.status}`);
    const file = join(folder, name);
    writeFileSync(file, `${JSON.stringify(await response.json(), undefined, 2)}\n`);
    return file;
  };
  mkdirSync(folder, { recursive: true });
  return { openapi: await write("openapi.json"), asyncapi: await write("asyncapi.json") };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { values } = readArguments({
    usage: USAGE,
    options: { out: { type: "string", default: "dist/api" } },
  });
  await writeDocuments(values.out);
}
