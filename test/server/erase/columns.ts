/** Every column of every database that a local server keeps, as they are declared there, and in which of them a word stands. */
import { DatabaseSync } from "node:sqlite";
import { filesOf } from "./files.ts";

/** Columns that can hold text, and columns that are declared as numbers: `directory.users.username`. */
export interface Columns {
  texts: Set<string>;
  /** Columns of numbers in which something else stands. */
  wrong: Set<string>;
}

interface TableColumn {
  name: string;
  /** As it is declared. */
  type: string;
}

/** Whose database a file is; undefined for files of the local platform that no part of the service writes to. */
function ownerOf(path: string): string | undefined {
  if (/\/d1\/.*\/[0-9a-f]{64}\.sqlite$/.test(path)) return "directory";
  const [, name] = /\/do\/[^/]*?-(Conversation|UserHub|MetricsStore)\/[^/]+\.sqlite$/.exec(path) ?? [];
  if (name) return { Conversation: "conversation", UserHub: "hub", MetricsStore: "metrics" }[name];
  return /\/r2\/miniflare-R2BucketObject\/[0-9a-f]{64}\.sqlite$/.test(path) ? "bucket" : undefined;
}

const NUMBER = /INT|REAL|NUM|BOOL/i;

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Calls something with each column of a database. */
function eachColumn(
  db: DatabaseSync,
  visit: (table: string, column: string, isNumber: boolean) => void,
): void {
  const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all() as unknown;
  for (const { name: table } of tables as TableColumn[]) {
    const columns = db.prepare(`SELECT name, type FROM pragma_table_info(?)`).all(table) as unknown;
    for (const { name, type } of columns as TableColumn[]) visit(table, name, NUMBER.test(type));
  }
}

function eachDatabase(state: string, visit: (db: DatabaseSync, owner: string) => void): void {
  for (const path of filesOf(state)) {
    const owner = ownerOf(path);
    if (owner === undefined) continue;
    const db = new DatabaseSync(path, { timeout: 15_000 });
    visit(db, owner);
    db.close();
  }
}

/** All columns that there are. While no server runs. */
export function columnsOf(state: string): Columns {
  const found: Columns = { texts: new Set(), wrong: new Set() };
  eachDatabase(state, (db, owner) => {
    eachColumn(db, (table, column, isNumber) => {
      const name = `${owner}.${table}.${column}`;
      if (!isNumber) found.texts.add(name);
      else if (hasText(db, table, column)) found.wrong.add(name);
    });
  });
  return found;
}

function hasText(db: DatabaseSync, table: string, column: string): boolean {
  const isOther = `typeof(${quoted(column)}) IN ('text', 'blob')`;
  return db.prepare(`SELECT 1 FROM ${quoted(table)} WHERE ${isOther} LIMIT 1`).get() !== undefined;
}

/** The columns in which one of these words stands. While no server runs. */
export function columnsWith(state: string, words: readonly string[]): Set<string> {
  const found = new Set<string>();
  eachDatabase(state, (db, owner) => {
    eachColumn(db, (table, column, isNumber) => {
      if (!isNumber && words.some((word) => hasWord(db, table, column, word)))
        found.add(`${owner}.${table}.${column}`);
    });
  });
  return found;
}

function hasWord(db: DatabaseSync, table: string, column: string, word: string): boolean {
  const stands = `instr(CAST(${quoted(column)} AS BLOB), CAST(? AS BLOB)) > 0`;
  return db.prepare(`SELECT 1 FROM ${quoted(table)} WHERE ${stands} LIMIT 1`).get(word) !== undefined;
}
