/** Which migrations of the directory (D1) a deployment has yet to apply, and whether the Worker that runs can live with them. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../tools.ts";

/** One file of migrations/. */
export interface Migration {
  name: string;
  sql: string;
}

/** Begins what adds only: the Worker of before knows nothing of it, and is not disturbed. */
const ADDITIVE = [
  /^(?:CREATE (?:UNIQUE )?|DROP )INDEX\b/i,
  /^CREATE (?:VIRTUAL )?TABLE\b/i,
  /^CREATE TRIGGER\b/i,
  /^INSERT\b/i,
  /^UPDATE\b/i,
  /^PRAGMA\b/i,
];

/** All migrations in their order. @param root another folder than this checkout, for tests. */
export function readMigrations(root = ROOT): Migration[] {
  const folder = join(root, "migrations");
  const names = readdirSync(folder).filter((name) => name.endsWith(".sql"));
  return names.sort().map((name) => ({ name, sql: readFileSync(join(folder, name), "utf8") }));
}

/** The statements of a file, without comments. Bodies of triggers stay whole. */
export function statementsOf(sql: string): string[] {
  const bare = sql.replace(/--[^\n]*/g, "").replace(/\/\*[\s\S]*?\*\//g, "");
  const statements: string[] = [];
  let open = "";
  for (const part of bare.split(";")) {
    open = open === "" ? part.trim() : `${open};${part}`;
    if (/^CREATE TRIGGER\b/i.test(open) && !/\bEND\s*$/i.test(open)) continue;
    if (open !== "") statements.push(open.replace(/\s+/g, " ").trim());
    open = "";
  }
  return statements;
}

function isAdditive(statement: string): boolean {
  const column = /^ALTER TABLE \S+ ADD\b(.*)$/i.exec(statement)?.[1];
  // A column that must be given would make the inserts of the Worker of before fail.
  if (column !== undefined) return !/\bNOT NULL\b/i.test(column) || /\bDEFAULT\b/i.test(column);
  return ADDITIVE.some((pattern) => pattern.test(statement));
}

/** The statements of a migration that take something away from the Worker that runs: drops, renames, deletions. */
export function subtractions({ sql }: Migration): string[] {
  return statementsOf(sql).filter((statement) => !isAdditive(statement));
}

/** Which are to be applied. @param applied names, as D1 keeps them in d1_migrations. */
export function pendingMigrations(all: readonly Migration[], applied: readonly string[]): Migration[] {
  return all.filter(({ name }) => !applied.includes(name));
}

/** Names of applied migrations that this checkout does not have: the database is newer than the code. */
export function unknownMigrations(all: readonly Migration[], applied: readonly string[]): string[] {
  return applied.filter((applied) => !all.some(({ name }) => name === applied));
}
