/** The directory's database by wrangler, for scripts of operators. */
import { spawnSync } from "node:child_process";
import { programOf } from "./tools.ts";

/** What `--help` says of where the database is. */
export const LOCATION = `  --remote             the deployed database; without it, the local one of \`npm run dev\`
  --persist-to <dir>   the place of the local data, if not the usual one
`;

/** The flags of wrangler for the place that was asked for. */
export function placeOf(values: { remote: boolean; "persist-to"?: string | undefined }): string[] {
  if (values.remote) return ["--remote"];
  const { "persist-to": directory } = values;
  return directory === undefined ? ["--local"] : ["--local", "--persist-to", directory];
}

/** Runs wrangler, and ends this process with what it said if it fails. */
export function runWrangler(args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [programOf("wrangler"), ...args], {
    encoding: "utf8",
    env: { ...process.env, CI: "1", WRANGLER_SEND_METRICS: "false" },
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status === 0) return stdout;
  console.error(stderr || stdout);
  process.exit(1);
}

type Row = Record<string, string | number | null>;

/** The rows of queries, each by itself. Wrangler takes seconds to start, so many are asked at a time. */
export function queries(place: readonly string[], statements: readonly string[]): Row[][] {
  const text = runWrangler(["d1", "execute", "DB", ...place, "--json", "--command", statements.join("; ")]);
  return (JSON.parse(text) as { results: Row[] }[]).map(({ results }) => results);
}

/** The rows of a query. */
export function query(place: readonly string[], statement: string): Row[] {
  return queries(place, [statement])[0] ?? [];
}

/** Copies of what conversations keep. */
const COPIES = ["conversations", "members", "messages", "hidden", "flushes"];

/** The tables that hold data of their own: not copies, nor those of the search index, of the platform and of migrations. */
export function ownTables(place: readonly string[]): string[] {
  return allTables(place).filter((table) => !COPIES.includes(table));
}

/** All tables with rows, copies too. */
export function allTables(place: readonly string[]): string[] {
  const rows = query(
    place,
    `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'search_index%' AND name NOT GLOB '_cf_*'
      AND name NOT GLOB 'sqlite_*' AND name <> 'd1_migrations' ORDER BY name`,
  );
  return rows.map(({ name }) => String(name));
}

/** The columns of the primary keys of tables. */
export function keysOf(place: readonly string[], tables: readonly string[]): Map<string, string[]> {
  const found = queries(
    place,
    tables.map((table) => `PRAGMA table_info(${table})`),
  );
  return new Map(
    tables.map((table, i) => {
      const columns = (found[i] ?? []).filter(({ pk }) => Number(pk) > 0);
      const inOrder = columns.sort((one, other) => Number(one.pk) - Number(other.pk));
      return [table, inOrder.map(({ name }) => String(name))];
    }),
  );
}
