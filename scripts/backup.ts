/** `npm run backup`: writes what is the directory's own to a file of SQL (docs/backup.md). */
import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readArguments } from "./arguments.ts";
import { columnsOf, LOCATION, LOCATION_FLAGS, ownTables, pathOf, placeOf, queries, query } from "./d1.ts";
import { BACKUP_BEGINS, backupEnds, insertsOf, isLastPage, pageOf } from "./sql.ts";
import { ROOT } from "./tools.ts";

const USAGE = `
Usage: npm run backup -- [--env <name>] [--output <file>]

Writes what is the directory's own (D1) as SQL: users, pairs, preferences, API keys, moderation, filters, uploads. Conversations, members and
messages are copies; \`npm run rebuild\` brings them back from where they are kept. The export of wrangler is of no use here: it refuses
a database with a full-text index. It only reads, so it may run beside traffic.

  --output <file>      where to (default backups/<time>.sql)
${LOCATION}`;

const { values } = readArguments({
  usage: USAGE,
  options: {
    ...LOCATION_FLAGS,
    output: { type: "string" },
  },
});
const place = placeOf(values);
const usual = join(ROOT, `backups/${new Date().toISOString().replaceAll(":", "-").slice(0, 19)}.sql`);
const output = values.output === undefined ? usual : pathOf(values.output);
mkdirSync(dirname(output), { recursive: true });
// It gets its name when it is whole: what was interrupted is no backup.
const partial = `${output}.partial`;
rmSync(partial, { force: true });
writeFileSync(partial, `${BACKUP_BEGINS}\n`, { mode: 0o600 });

let count = 0;
const tables = columnsOf(place, ownTables(place));
// The first pages of all tables at a time: most have no other.
const first = queries(
  place,
  tables.map((table) => pageOf(table)),
);
for (const [i, table] of tables.entries()) {
  for (let rows = first[i] ?? []; rows.length > 0; ) {
    for (const statement of insertsOf(table.name, table.key, rows))
      appendFileSync(partial, `${statement};\n`);
    count += rows.length;
    rows = isLastPage(rows) ? [] : query(place, pageOf(table, rows.at(-1)));
  }
}
appendFileSync(partial, `${backupEnds(count)}\n`);
renameSync(partial, output);
console.log(
  `${count} rows are in ${output}. It holds what people have told you: keep it as you keep secrets.`,
);
