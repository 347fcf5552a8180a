/**
 * Writes the storage of an object anew, so that nothing of deleted rows is left in it: SQLite keeps the bytes of what was deleted in
 * free pages, and in the free space of pages that are in use, and the platform refuses `VACUUM` and `secure_delete` (rule 28).
 *
 * A table of zeros takes all free pages, a few megabytes at a time, so that others go on in between. Then, in one go, some of them are
 * given up and every table is copied there; the old tables are dropped, and more zeros take their pages before an index can. A page that
 * was freed in the same transaction may keep what it had beside a row, and so may one of zeros: once all of that is on disk, the
 * zeros take the free pages a second time. They are on disk before they are given up: SQLite does not write pages that are free at the
 * end of a transaction.
 *
 * No table can be dropped while a cursor of the object is open, so whoever reads takes all rows in the same turn (`toArray`).
 */

/** Storage of more bytes is left as it is: others wait while the tables are copied, some 10 ms for each megabyte. */
const MAX_BYTES = 64 * 1024 * 1024;
/** So is a file that is known to be larger: each byte of it is written twice. */
const MAX_FILE_BYTES = 512 * 1024 * 1024;
/**
 * How much is overwritten: what was in use before the erasure, so many times what is in use after it, and a megabyte at least. How many
 * pages are free the platform does not say, but a file is as large as it has ever been.
 */
const TIMES = 3;
const LEAST = 1024 * 1024;
/** The key under which is noted how large the file is at least. */
const FILE_BYTES = "file_bytes";
/** Bytes of zeros in a row. The platform takes no value above 2 MB. */
const FILL = 64 * 1024;
/** Bytes of zeros written until others may go on. */
const SLICE = 4 * 1024 * 1024;
/** Tables of the platform, of SQLite, and of this file. */
const NOT_OURS = /^(?:_cf_|__miniflare|sqlite_|zeros$)/;

type Row = Record<string, string | number | null>;

/** What it needs of the platform's SQLite. */
interface Sql {
  exec<T extends Row>(query: string, ...values: unknown[]): { toArray(): T[]; one(): T };
  readonly databaseSize: number;
}

/** What it needs of an object's storage. */
export interface RewrittenStorage {
  readonly sql: Sql;
  readonly kv: { get<T>(key: string): T | undefined; put<T>(key: string, value: T): void };
  transactionSync<T>(run: () => T): T;
  /** Waits for the disk: what was written since the last time is one transaction. */
  sync(): Promise<void>;
}

interface SchemaRow extends Row {
  type: string;
  name: string;
  tbl_name: string;
  sql: string | null;
}

/** Notes how large the file is at least. Call it before much is deleted: the rows that go then are what is to be overwritten. */
export function noteFileBytes({ sql, kv }: Pick<RewrittenStorage, "sql" | "kv">): void {
  const { databaseSize } = sql;
  if (databaseSize > (kv.get<number>(FILE_BYTES) ?? 0)) kv.put(FILE_BYTES, databaseSize);
}

/**
 * @returns whether it was done: not if there is too much. It may be interrupted at any point, and two may be under way: each looks after
 * each wait how much is in use.
 */
export async function rewriteStorage(storage: RewrittenStorage): Promise<boolean> {
  const { sql, kv } = storage;
  // Of a time that was interrupted. They count for nothing: otherwise each such time would be three times as large.
  sql.exec("DROP TABLE IF EXISTS zeros");
  const inUse = sql.databaseSize;
  const known = kv.get<number>(FILE_BYTES) ?? 0;
  if (inUse > MAX_BYTES || known > MAX_FILE_BYTES) return false;
  await fillSlowly(storage, Math.max(TIMES * inUse, LEAST, known + FILL));
  const fileBytes = storage.transactionSync(() => copyTables(sql, inUse));
  kv.put(FILE_BYTES, Math.max(fileBytes, known));
  await dropZeros(storage);
  await fillSlowly(storage, fileBytes);
  await dropZeros(storage);
  return true;
}

/** Takes free pages, or new ones, until so much is in use. Others go on in between; at the end it is on disk. */
async function fillSlowly(storage: RewrittenStorage, bytes: number): Promise<void> {
  const { sql } = storage;
  do {
    fill(sql, Math.min(bytes, sql.databaseSize + SLICE));
    await storage.sync();
  } while (sql.databaseSize < bytes);
}

function fill(sql: Sql, bytes: number): void {
  sql.exec("CREATE TABLE IF NOT EXISTS zeros (bytes BLOB)");
  while (sql.databaseSize < bytes) sql.exec("INSERT INTO zeros VALUES (zeroblob(?))", FILL);
}

/** Gives up zeros when they are on disk, and what was written with them. */
async function dropZeros(storage: RewrittenStorage): Promise<void> {
  await storage.sync();
  storage.sql.exec("DROP TABLE IF EXISTS zeros");
  await storage.sync();
}

/** Gives up some of the zeros that are on disk. @param last the newest of these. */
function release(sql: Sql, bytes: number, last: number): void {
  const some = "SELECT rowid FROM zeros WHERE rowid <= ? ORDER BY rowid LIMIT ?";
  sql.exec(`DELETE FROM zeros WHERE rowid IN (${some})`, last, Math.ceil(bytes / FILL));
}

/** Copies all tables, drops the old ones, and makes their indexes. @returns how large the file is now at least. */
function copyTables(sql: Sql, inUse: number): number {
  const onDisk = sql.exec<{ last: number }>("SELECT coalesce(max(rowid), 0) AS last FROM zeros").one().last;
  // What others have freed since the zeros were written.
  fill(sql, sql.databaseSize + FILL);
  const filled = sql.databaseSize;
  const schema = sql.exec<SchemaRow>("SELECT type, name, tbl_name, sql FROM sqlite_master").toArray();
  const tables = schema.filter(({ type, name }) => type === "table" && !NOT_OURS.test(name));
  const names = new Set(tables.map(({ name }) => name));
  release(sql, inUse, onDisk);
  for (const { name, sql: created } of tables) {
    sql.exec((created ?? "").replace(name, copyOf(name)));
    sql.exec(`INSERT INTO "${copyOf(name)}" SELECT * FROM "${name}"`);
  }
  const copied = Math.max(filled, sql.databaseSize);
  const numbers = lastNumbers(sql);
  for (const name of names) sql.exec(`DROP TABLE "${name}"`);
  fill(sql, copied);
  for (const name of names) sql.exec(`ALTER TABLE "${copyOf(name)}" RENAME TO "${name}"`);
  for (const [name, last] of numbers) {
    sql.exec("DELETE FROM sqlite_sequence WHERE name = ?", name);
    sql.exec("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", name, last);
  }
  release(sql, inUse, onDisk);
  for (const { type, tbl_name, sql: created } of schema) {
    if (type === "index" && created !== null && names.has(tbl_name)) sql.exec(created);
  }
  return Math.max(copied, sql.databaseSize);
}

function copyOf(table: string): string {
  return `rewritten_${table}`;
}

/** The last number of each table which never gives one again. */
function lastNumbers(sql: Sql): Map<string, number> {
  const known = sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'").toArray();
  if (known.length === 0) return new Map();
  const rows = sql.exec<{ name: string; seq: number }>("SELECT name, seq FROM sqlite_sequence").toArray();
  return new Map(rows.filter(({ name }) => !name.startsWith(copyOf(""))).map(({ name, seq }) => [name, seq]));
}
