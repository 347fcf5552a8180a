/** Access to D1 with Drizzle. */
import { SQL } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { SQLiteAsyncDialect } from "drizzle-orm/sqlite-core";
import { timedDatabase } from "../metrics/timed.ts";
import * as filterTables from "./filters-schema.ts";
import * as moderationTables from "./moderation-schema.ts";
import * as tables from "./schema.ts";
import * as serverTables from "./server-schema.ts";

const schema = { ...tables, ...serverTables, ...filterTables, ...moderationTables };

export type Directory = ReturnType<typeof open>;

function open(db: D1Database) {
  return drizzle(db, { schema });
}

const opened = new WeakMap<D1Database, Directory>();

/** Opens the directory. Cached for each binding. */
export function openDirectory(db: D1Database): Directory {
  const known = opened.get(db) ?? open(timedDatabase(db));
  opened.set(db, known);
  return known;
}

const dialect = new SQLiteAsyncDialect();

/** A statement as text, whose parameters are `?1`, `?2` and so on. Cheaper than a template that is run often. */
export interface BoundStatement {
  sql: string;
  params: unknown[];
}

/**
 * Runs SQL statements as one atomic batch in one round trip. Drizzle's own `batch` does not bind the parameters of
 * `sql` templates.
 * @returns the rows of each statement.
 */
export async function runBatch(
  db: Directory,
  statements: (SQL | BoundStatement)[],
): Promise<Record<string, unknown>[][]> {
  const prepared = statements.map((statement) => {
    const query = statement instanceof SQL ? dialect.sqlToQuery(statement) : statement;
    return db.$client.prepare(query.sql).bind(...query.params);
  });
  const results = await answered(db.$client.batch<Record<string, unknown>>(prepared));
  return results.map((result) => result.results);
}

/** Waits for a batch, and marks its failure as an outage. Drizzle marks failures of single queries itself. */
export async function answered<T>(batch: Promise<T>): Promise<T> {
  try {
    return await batch;
  } catch (cause) {
    throw new DirectoryFailed(cause);
  }
}

/** D1 did not run a batch (domain/outage.ts). */
class DirectoryFailed extends Error {
  override readonly name = "DirectoryFailed";
  readonly retryable = true;

  constructor(cause: unknown) {
    super("D1_ERROR: the directory did not answer", { cause });
  }
}
