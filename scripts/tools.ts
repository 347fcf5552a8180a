/** Programs of the project's packages, run by this Node: the path may hold another one, and Windows runs no bare scripts. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The file that a package's program starts with, for `spawn(process.execPath, [file, ...])`. */
export function programOf(name: string): string {
  const directory = join(ROOT, "node_modules", name);
  const { bin } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) as {
    bin?: string | Record<string, string>;
  };
  const file = typeof bin === "string" ? bin : bin?.[name];
  if (file === undefined) throw new Error(`the package ${name} has no program of its name`);
  return join(directory, file);
}
