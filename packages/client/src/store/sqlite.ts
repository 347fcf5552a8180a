/** A store in SQLite, whichever library opens it. */
import type { StoreBackend, StoredFields } from "./backend.ts";

/** What a SQLite library must do: each can answer at once, or with a promise. Parameters stand for `?`, in their order. */
export interface SqliteDatabase {
  /** Runs statements without parameters. */
  exec(sql: string): unknown;
  /** Runs one statement. */
  run(sql: string, parameters: readonly string[]): unknown;
  /** The rows of a query, as objects by the names of their columns. */
  all(sql: string, parameters: readonly string[]): unknown;
}

/** Rows that one statement writes: 3 parameters each, and old builds of SQLite take 999. */
const ROWS = 300;

/** A table of this name. It is made when it is first needed. */
export class SqliteBackend implements StoreBackend {
  readonly #db: SqliteDatabase;
  readonly #table: string;
  #made: Promise<unknown> | undefined;

  constructor(db: SqliteDatabase, table: string) {
    if (!/^\w+$/.test(table)) throw new TypeError(`${table} is no name for a table`);
    this.#db = db;
    this.#table = table;
  }

  async load(scope: string): Promise<StoredFields> {
    const sql = `SELECT field, value FROM ${this.#table} WHERE scope = ?`;
    const rows = (await (await this.#open()).all(sql, [scope])) as { field: string; value: string }[];
    return Object.fromEntries(rows.map(({ field, value }) => [field, JSON.parse(value)]));
  }

  /** One statement writes, so that all of a patch is there or nothing: an application may use the same connection. */
  async save(scope: string, patch: StoredFields): Promise<void> {
    const db = await this.#open();
    const fields = Object.entries(patch);
    const kept = fields.filter(([, value]) => value !== undefined);
    for (let from = 0; from < kept.length; from += ROWS) {
      const rows = kept.slice(from, from + ROWS);
      const places = rows.map(() => "(?, ?, ?)").join(", ");
      const values = rows.flatMap(([field, value]) => [scope, field, JSON.stringify(value)]);
      await db.run(`INSERT OR REPLACE INTO ${this.#table} (scope, field, value) VALUES ${places}`, values);
    }
    const gone = fields.flatMap(([field, value]) => (value === undefined ? [field] : []));
    for (let from = 0; from < gone.length; from += ROWS) {
      const some = gone.slice(from, from + ROWS);
      const places = some.map(() => "?").join(", ");
      await db.run(`DELETE FROM ${this.#table} WHERE scope = ? AND field IN (${places})`, [scope, ...some]);
    }
  }

  async drop(scope: string): Promise<void> {
    await (await this.#open()).run(`DELETE FROM ${this.#table} WHERE scope = ?`, [scope]);
  }

  async clear(): Promise<void> {
    await (await this.#open()).run(`DELETE FROM ${this.#table}`, []);
  }

  async #open(): Promise<SqliteDatabase> {
    const columns =
      "scope TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (scope, field)";
    this.#made ??= Promise.resolve(
      this.#db.exec(`CREATE TABLE IF NOT EXISTS ${this.#table} (${columns}) WITHOUT ROWID`),
    );
    await this.#made;
    return this.#db;
  }
}
