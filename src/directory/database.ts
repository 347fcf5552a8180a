/** D1 through Drizzle. */
import type { SQL } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { SQLiteAsyncDialect } from "drizzle-orm/sqlite-core";
import * as schema from "./schema.ts";

export type Directory = ReturnType<typeof open>;

function open(db: D1Database) {
  return drizzle(db, { schema });
}

const opened = new WeakMap<D1Database, Directory>();

/** Opens the directory, once for each binding. */
export function openDirectory(db: D1Database): Directory {
  const known = opened.get(db) ?? open(db);
  opened.set(db, known);
  return known;
}

const dialect = new SQLiteAsyncDialect();

/**
 * Runs statements written in SQL as one atomic batch and one round trip. Drizzle's own `batch` takes built queries
 * only: it binds no parameters of `sql` templates.
 * @returns the rows of each statement.
 */
export async function runBatch(db: Directory, statements: SQL[]): Promise<Record<string, unknown>[][]> {
  const prepared = statements.map((statement) => {
    const query = dialect.sqlToQuery(statement);
    return db.$client.prepare(query.sql).bind(...query.params);
  });
  const results = await answered(db.$client.batch<Record<string, unknown>>(prepared));
  return results.map((result) => result.results);
}

/** Waits for a batch. One that fails is an outage, whatever D1 says of it; Drizzle marks single queries by itself. */
export async function answered<T>(batch: Promise<T>): Promise<T> {
  try {
    return await batch;
  } catch (cause) {
    throw new DirectoryFailed(cause);
  }
}

/** A batch that D1 did not carry out (domain/outage.ts). */
class DirectoryFailed extends Error {
  override readonly name = "DirectoryFailed";
  readonly retryable = true;

  constructor(cause: unknown) {
    super("D1_ERROR: the directory did not answer", { cause });
  }
}
