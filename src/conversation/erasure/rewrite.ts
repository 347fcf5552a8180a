/**
 * Writes the storage of an object anew, so that nothing of deleted rows is left in it: SQLite keeps the bytes of what was deleted in
 * free pages, and in the free space of pages that are in use, and the platform refuses `VACUUM` and `secure_delete` (rule 28).
 *
 * Free pages are overwritten first, since new rows may come to lie beside what they hold; then every table is copied; then the pages
 * of the old ones are overwritten. All of it is one transaction.
 */

/** Storage of more bytes is left as it is: others wait for that long. */
const MAX_BYTES = 16 * 1024 * 1024;
/** Bytes of a page, and of zeros written at a time. */
const PAGE = 4_096;
const FILL = 16 * PAGE;
/** Bytes of zeros written beyond the last free page that was seen. */
const MARGIN = 4 * FILL;
/** Tables of the platform, and of SQLite. */
const NOT_OURS = /^(?:_cf_|__miniflare|sqlite_)/;

interface SchemaRow extends Record<string, SqlStorageValue> {
  type: string;
  name: string;
  tbl_name: string;
  sql: string;
}

/** @returns whether it was done: not if there is too much. */
export function rewriteStorage(storage: Pick<DurableObjectStorage, "sql" | "transactionSync">): boolean {
  const { sql } = storage;
  if (sql.databaseSize > MAX_BYTES) return false;
  let isWhole = true;
  storage.transactionSync(() => {
    isWhole = overwriteFree(sql);
    const schema = sql.exec<SchemaRow>("SELECT type, name, tbl_name, sql FROM sqlite_master").toArray();
    const tables = schema.filter(({ type, name }) => type === "table" && !NOT_OURS.test(name));
    for (const table of tables) copyTable(sql, table, schema);
    isWhole = overwriteFree(sql) && isWhole;
  });
  return isWhole;
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
 * Overwrites the free pages with zeros. How many there are the platform does not say: so zeros are written until new tables get the
 * page behind the last one, which is so when no page is free.
 * @returns whether all were overwritten.
 */
function overwriteFree(sql: SqlStorage): boolean {
  sql.exec("CREATE TABLE zeros (bytes BLOB)");
  let isWhole = false;
  for (let written = 0; written < 2 * MAX_BYTES && !isWhole; written += FILL) {
    sql.exec("INSERT INTO zeros VALUES (zeroblob(?))", FILL);
    isWhole = isFull(sql);
  }
  sql.exec("INSERT INTO zeros VALUES (zeroblob(?))", MARGIN);
  sql.exec("DROP TABLE zeros");
  return isWhole;
}

/**
 * Whether no page is free. The size does not count free pages: so then, and only then, each of two new tables lies in the page whose
 * number is the size.
 */
function isFull(sql: SqlStorage): boolean {
  const isLast = ["probe_1", "probe_2"].map((name) => {
    sql.exec(`CREATE TABLE ${name} (a)`);
    const { rootpage } = sql
      .exec<{ rootpage: number }>("SELECT rootpage FROM sqlite_master WHERE name = ?", name)
      .one();
    return rootpage * PAGE === sql.databaseSize;
  });
  sql.exec("DROP TABLE probe_2");
  sql.exec("DROP TABLE probe_1");
  return isLast.every(Boolean);
}
