/** `npm run corpus`: writes the conformance corpus, or says where it is not what today's code makes. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { corpus } from "../test/conformance/corpus.ts";
import { readArguments } from "./arguments.ts";
import { ROOT } from "./tools.ts";

const USAGE = `
Usage: npm run corpus -- [flags]

Writes packages/client/conformance/*.json: what a client's state is after each event. The scenarios are in test/conformance.

  --check   writes nothing; exit code 1 if a file is missing, too many, or not what today's code makes
`;

const FOLDER = join(ROOT, "packages/client/conformance");

const { values } = readArguments({ usage: USAGE, options: { check: { type: "boolean", default: false } } });
const files = corpus();
mkdirSync(FOLDER, { recursive: true });
const present = readdirSync(FOLDER).filter((file) => file.endsWith(".json"));
const extra = present.filter((file) => !files.has(file));
const stale = [...files].filter(
  ([file, text]) => !present.includes(file) || readFileSync(join(FOLDER, file), "utf8") !== text,
);

if (values.check) {
  for (const file of [...extra, ...stale.map(([name]) => name)]) console.error(`${file} is not up to date`);
  if (extra.length + stale.length > 0) console.error("npm run corpus writes the corpus again");
  process.exitCode = extra.length + stale.length > 0 ? 1 : 0;
} else {
  for (const file of extra) rmSync(join(FOLDER, file));
  for (const [file, text] of stale) writeFileSync(join(FOLDER, file), text);
  console.log(`${files.size} files, ${stale.length} written, ${extra.length} removed`);
}
