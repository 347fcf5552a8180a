/** D1 through Drizzle. */
import type { SQL } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { SQLiteAsyncDialect } from "drizzle-orm/sqlite-core";
import * as schema from "./schema.ts";

/** Opens the directory. */
export function openDirectory(db: D1Database) {
  return drizzle(db, { schema });
}
export type Directory = ReturnType<typeof openDirectory>;

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
  const results = await db.$client.batch<Record<string, unknown>>(prepared);
  return results.map((result) => result.results);
}
