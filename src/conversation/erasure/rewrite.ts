/**
 * Writes the storage of an object anew, so that nothing of deleted rows is left in it: SQLite keeps the bytes of what was deleted in
 * free pages, and in the free space of pages that are in use, and the platform refuses `VACUUM` and `secure_delete` (rule 28).
 *
 * Free pages are overwritten first, since new rows may come to lie beside what they hold; then every table is copied, in one
 * transaction; then the pages of the old ones are overwritten.
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
/** Tables of the platform, and of SQLite. */
const NOT_OURS = /^(?:_cf_|__miniflare|sqlite_)/;

interface SchemaRow extends Record<string, SqlStorageValue> {
  type: string;
  name: string;
  tbl_name: string;
  sql: string;
}

/** @returns whether it was done: not if there is too much. It may be interrupted at any point. */
export async function rewriteStorage(storage: DurableObjectStorage): Promise<boolean> {
  const { sql } = storage;
  if (sql.databaseSize > MAX_BYTES) return false;
  // The file is as large as an earlier time has made it.
  const known = storage.kv.get<number>(FILE_BYTES) ?? 0;
  const wanted = Math.max(TIMES * sql.databaseSize, LEAST, known + FILL);
  await overwriteFree(storage, wanted);
  storage.transactionSync(() => {
    const schema = sql.exec<SchemaRow>("SELECT type, name, tbl_name, sql FROM sqlite_master").toArray();
    const tables = schema.filter(({ type, name }) => type === "table" && !NOT_OURS.test(name));
    for (const table of tables) copyTable(sql, table, schema);
  });
  await storage.sync();
  // Beyond what the first time has reached: then no page of a dropped table is left out.
  await overwriteFree(storage, wanted + 4 * FILL);
  return true;
}

/** Copies a table with its indexes and its place in the numbers that are never given again, and drops the old one. */
function copyTable(sql: SqlStorage, table: SchemaRow, schema: readonly SchemaRow[]): void {
  const { name } = table;
  const copy = `rewritten_${name}`;
  const numbers = sql.exec<{ n: number }>(
    "SELECT count(*) AS n FROM sqlite_master WHERE name = 'sqlite_sequence'",
  );
  const hasNumbers = numbers.one().n > 0;
  const last = hasNumbers
    ? sql.exec<{ seq: number }>("SELECT seq FROM sqlite_sequence WHERE name = ?", name).toArray()
    : [];
  sql.exec(table.sql.replace(name, copy));
  sql.exec(`INSERT INTO "${copy}" SELECT * FROM "${name}"`);
  sql.exec(`DROP TABLE "${name}"`);
  sql.exec(`ALTER TABLE "${copy}" RENAME TO "${name}"`);
  for (const index of schema) {
    if (index.type === "index" && index.tbl_name === name && index.sql) sql.exec(index.sql);
  }
  if (!last[0]) return;
  sql.exec("DELETE FROM sqlite_sequence WHERE name = ?", name);
  sql.exec("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", name, last[0].seq);
}

/**
 * Overwrites free pages with zeros, until so many bytes are in use. The zeros must be on disk before they are given up: SQLite does not
 * write pages that are free again at the end of a transaction.
 */
async function overwriteFree(storage: DurableObjectStorage, upTo: number): Promise<void> {
  const { sql, kv } = storage;
  sql.exec("DROP TABLE IF EXISTS zeros");
  sql.exec("CREATE TABLE zeros (bytes BLOB)");
  while (sql.databaseSize < upTo) sql.exec("INSERT INTO zeros VALUES (zeroblob(?))", FILL);
  kv.put(FILE_BYTES, Math.max(sql.databaseSize, kv.get<number>(FILE_BYTES) ?? 0));
  await storage.sync();
  sql.exec("DROP TABLE IF EXISTS zeros");
  await storage.sync();
}
