/** The directory's database by wrangler, for scripts of operators. */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { deployedConfiguration, readConfiguration, writeConfiguration } from "./deploy/configuration.ts";
import { type Environment, environmentName, readEnvironment } from "./deploy/environment.ts";
import type { ReadTable } from "./sql.ts";
import { programOf, ROOT } from "./tools.ts";

/** What `--help` says of where the database is. */
export const LOCATION = `  --env <name>         in the database of this deployment; without it, in the local one of \`npm run dev\`
  --persist-to <dir>   the place of the local data, if not the usual one
`;

/** Flags of scripts that use the database. */
export const LOCATION_FLAGS = { env: { type: "string" }, "persist-to": { type: "string" } } as const;

/** The flags of wrangler for the place that was asked for. Ends the script if there is no such deployment. */
export function placeOf(values: { env?: string | undefined; "persist-to"?: string | undefined }): string[] {
  const { env, "persist-to": directory } = values;
  if (env !== undefined) return ["--remote", "-c", configurationOf(env)];
  return directory === undefined ? ["--local"] : ["--local", "--persist-to", pathOf(directory)];
}

/** A path that was given, from the folder in which the operator stands: npm runs scripts in another. */
export function pathOf(given: string): string {
  return resolve(process.env.INIT_CWD ?? ".", given);
}

/** A deployment that was set up, or the end of the script. */
export function environmentOf(env: string): Environment {
  const environment = readEnvironment(environmentName(env));
  if (environment !== null && typeof environment !== "string") return environment;
  console.error(
    environment ?? `There is no environments/${env}.json: npm run setup -- --env ${env} makes it.`,
  );
  process.exit(1);
}

/** The configuration of a deployment, for wrangler. wrangler.toml has no database but the local one. */
function configurationOf(env: string): string {
  return writeConfiguration(env, deployedConfiguration(readConfiguration(), environmentOf(env)));
}

/** Bytes of an answer: the first pages of all tables are asked for at a time. */
const MAX_ANSWER = 256 * 1024 * 1024;

/** Runs wrangler, and ends this process with what it said if it fails. */
export function runWrangler(args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [programOf("wrangler"), ...args], {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, CI: "1", WRANGLER_SEND_METRICS: "false" },
    maxBuffer: MAX_ANSWER,
  });
  if (error) {
    // What it has said so far may be rows.
    console.error(`wrangler ${args.slice(0, 2).join(" ")} has failed: ${error.message}`);
    process.exit(1);
  }
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

/** The columns of tables, and of their primary keys. */
export function columnsOf(place: readonly string[], tables: readonly string[]): ReadTable[] {
  const found = queries(
    place,
    tables.map((table) => `PRAGMA table_info(${table})`),
  );
  return tables.map((name, i) => {
    const columns = found[i] ?? [];
    const key = columns
      .filter(({ pk }) => Number(pk) > 0)
      .sort((one, other) => Number(one.pk) - Number(other.pk));
    return {
      name,
      key: key.map((column) => String(column.name)),
      columns: columns.map((column) => String(column.name)),
    };
  });
}
