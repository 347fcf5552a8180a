/** `npm run backup`: writes what is the directory's own to a file of SQL (docs/backup.md). */
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { readArguments } from "./arguments.ts";
import { keyOf, LOCATION, ownTables, placeOf, query } from "./d1.ts";
import { insertsOf, literal } from "./sql.ts";

const USAGE = `
Usage: npm run backup -- [--remote] [--output <file>]

Writes what is the directory's own (D1) as SQL: users, pairs, preferences, API keys, moderation, filters, uploads. Conversations, members and
messages are copies; \`npm run rebuild\` brings them back from where they are kept. The export of wrangler is of no use here: it refuses
a database with a full-text index. It only reads, so it may run beside traffic.

  --output <file>      where to (default backups/<time>.sql)
${LOCATION}`;

/** Rows in one answer. */
const PAGE = 2_000;

const { values } = readArguments({
  usage: USAGE,
  options: {
    remote: { type: "boolean", default: false },
    "persist-to": { type: "string" },
    output: { type: "string" },
  },
});
const place = placeOf(values);
const output = values.output ?? `backups/${new Date().toISOString().replaceAll(":", "-").slice(0, 19)}.sql`;
mkdirSync(dirname(output), { recursive: true });
writeFileSync(output, "", { mode: 0o600 });
let count = 0;
for (const table of ownTables(place)) {
  const key = keyOf(place, table);
  const columns = key.join(", ");
  for (let after = ""; ; ) {
    const rows = query(place, `SELECT * FROM ${table} ${after} ORDER BY ${columns} LIMIT ${PAGE}`);
    for (const statement of insertsOf(table, key, rows)) appendFileSync(output, `${statement};\n`);
    count += rows.length;
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) break;
    after = `WHERE (${columns}) > (${key.map((name) => literal(last[name] ?? null)).join(", ")})`;
  }
}
console.log(
  `${count} rows are in ${output}. It holds what people have told you: keep it as you keep secrets.`,
);
