/** `npm run restore`: puts the directory (D1) back to a file of `npm run backup` (docs/backup.md). */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readArguments, refuseArguments } from "./arguments.ts";
import { allTables, LOCATION, LOCATION_FLAGS, pathOf, placeOf, runWrangler } from "./d1.ts";
import { REBUILD_PROGRESS } from "./progress.ts";
import { backupProblem } from "./sql.ts";
import { ROOT } from "./tools.ts";

const USAGE = `
Usage: npm run restore -- <file> --yes [--env <name>]

Replaces the rows of the directory (D1) by those of a backup, empties the search index, and gives the directory a new identity, so that
clients get everything again. The tables are made if there are none. Then run \`npm run rebuild -- --all\`: it brings what has changed
since the backup, and everything that is a copy: conversations, members, messages, and the search index.

  <file>               a file of \`npm run backup\`
  --yes                what the directory holds now is lost
${LOCATION}`;

const { values, positionals } = readArguments({
  usage: USAGE,
  words: 1,
  options: {
    ...LOCATION_FLAGS,
    yes: { type: "boolean", default: false },
  },
});
const [file] = positionals;
if (file === undefined) refuseArguments("Name a file of npm run backup");
if (!values.yes) refuseArguments("What the directory holds now is lost: say --yes");
const path = pathOf(file);
if (!existsSync(path)) refuseArguments(`There is no file ${path}`);
const rows = readFileSync(path, "utf8");
const problem = backupProblem(rows);
if (problem !== undefined) refuseArguments(`${path} is not restored: ${problem}`);
const place = placeOf(values);
runWrangler(["d1", "migrations", "apply", "DB", ...place]);
const folder = mkdtempSync(join(tmpdir(), "rocket-chat-restore-"));
const whole = join(folder, "restore.sql");
const empty = allTables(place).map((table) => `DELETE FROM ${table};`);
// In one file, so that it is one import: all of it, or nothing.
writeFileSync(
  whole,
  [
    "INSERT INTO search_index (search_index) VALUES ('delete-all');",
    ...empty,
    rows,
    "INSERT OR IGNORE INTO revision (id, value) VALUES (1, 0);",
    "UPDATE revision SET epoch = lower(hex(randomblob(8)));",
  ].join("\n"),
  { mode: 0o600 },
);
try {
  runWrangler(["d1", "execute", "DB", ...place, "--yes", "--file", whole]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
// What an earlier rebuild has done was lost just now.
rmSync(join(ROOT, REBUILD_PROGRESS), { force: true });
const flag = values.env === undefined ? "" : ` --env ${values.env}`;
console.log(`The directory is as it was. Now run: npm run rebuild -- --all --restart${flag}`);
