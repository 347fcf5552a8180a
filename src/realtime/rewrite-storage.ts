/**
 * Writes the storage of an object anew, so that nothing of deleted rows is left in it: SQLite keeps the bytes of what was deleted in
 * free pages, and in the free space of pages that are in use, and the platform refuses `VACUUM` and `secure_delete` (rule 28).
 *
 * A table of zeros first takes all free pages. Then each table is copied into pages that the file grows by, and more zeros take those
 * of the old one, before anything else can. The zeros are on disk before they are given up: SQLite does not write pages that are free at
 * the end of a transaction.
 */

/** Storage of more bytes is left as it is: others wait for that long. */
const MAX_BYTES = 8 * 1024 * 1024;
/**
 * How much is overwritten: so many times what is in use, and a megabyte at least. How many pages are free the platform does not say,
 * but a file is as large as it has ever been, and most conversations have never had much more in them.
 */
const TIMES = 3;
const LEAST = 1024 * 1024;
/** The key under which is noted how large the file is at least. */
const FILE_BYTES = "file_bytes";
/** Bytes of zeros written at a time. */
const FILL = 64 * 1024;
/** Tables of the platform, of SQLite, and of this file. */
const NOT_OURS = /^(?:_cf_|__miniflare|sqlite_|zeros$)/;

interface SchemaRow extends Record<string, SqlStorageValue> {
  type: string;
  name: string;
  tbl_name: string;
  sql: string;
}

/** @returns whether it was done: not if there is too much. It may be interrupted at any point. */
export async function rewriteStorage(storage: DurableObjectStorage): Promise<boolean> {
  const { sql, kv } = storage;
  // Of a time that was interrupted. They count for nothing: otherwise each such time would be three times as large.
  sql.exec("DROP TABLE IF EXISTS zeros");
  if (sql.databaseSize > MAX_BYTES) return false;
  // The file is as large as an earlier time has made it.
  const known = kv.get<number>(FILE_BYTES) ?? 0;
  const wanted = Math.max(TIMES * sql.databaseSize, LEAST, known + FILL);
  sql.exec("CREATE TABLE zeros (bytes BLOB)");
  while (sql.databaseSize < wanted) writeZeros(sql, FILL);
  await storage.sync();
  storage.transactionSync(() => {
    const schema = sql.exec<SchemaRow>("SELECT type, name, tbl_name, sql FROM sqlite_master").toArray();
    const tables = schema.filter(({ type, name }) => type === "table" && !NOT_OURS.test(name));
    for (const table of tables) copyTable(sql, table, schema);
  });
  kv.put(FILE_BYTES, sql.databaseSize);
  await storage.sync();
  sql.exec("DROP TABLE IF EXISTS zeros");
  await storage.sync();
  return true;
}

function writeZeros(sql: SqlStorage, bytes: number): void {
  sql.exec("CREATE TABLE IF NOT EXISTS zeros (bytes BLOB)");
  sql.exec("INSERT INTO zeros VALUES (zeroblob(?))", bytes);
}

/** Copies a table, drops the old one, and makes its indexes and its place in the numbers that are never given again. */
function copyTable(sql: SqlStorage, table: SchemaRow, schema: readonly SchemaRow[]): void {
  const { name } = table;
  const copy = `rewritten_${name}`;
  const last = lastNumberOf(sql, name);
  sql.exec(table.sql.replace(name, copy));
  sql.exec(`INSERT INTO "${copy}" SELECT * FROM "${name}"`);
  const before = sql.databaseSize;
  sql.exec(`DROP TABLE "${name}"`);
  // Its pages, before an index takes one of them.
  writeZeros(sql, before - sql.databaseSize);
  sql.exec(`ALTER TABLE "${copy}" RENAME TO "${name}"`);
  for (const index of schema) {
    if (index.type === "index" && index.tbl_name === name && index.sql) sql.exec(index.sql);
  }
  if (last === undefined) return;
  sql.exec("DELETE FROM sqlite_sequence WHERE name = ?", name);
  sql.exec("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", name, last);
}

/** The last number that a table has given which never gives one again; undefined for other tables. */
function lastNumberOf(sql: SqlStorage, table: string): number | undefined {
  const known = sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'").toArray();
  if (known.length === 0) return undefined;
  const rows = sql.exec<{ seq: number }>("SELECT seq FROM sqlite_sequence WHERE name = ?", table).toArray();
  return rows[0]?.seq;
}
