/** Rows as SQL. D1 takes statements of 100 KB. */

type Value = string | number | null;
export type SqlRow = Record<string, Value>;

/** Characters of a statement, as UTF-16 counts them: each is up to three bytes. */
const STATEMENT = 30_000;

/** A value in SQL. */
export function literal(value: Value): string {
  if (value === null) return "NULL";
  return typeof value === "number" ? String(value) : `'${value.replaceAll("'", "''")}'`;
}

/** The statements that insert rows. A long text is put together from pieces. @param key the columns of the primary key. */
export function insertsOf(table: string, key: readonly string[], rows: readonly SqlRow[]): string[] {
  const statements: string[] = [];
  let gathered: string[] = [];
  let size = 0;
  const [first] = rows;
  if (!first) return [];
  const flush = () => {
    if (gathered.length > 0) {
      statements.push(
        `INSERT INTO ${table} (${Object.keys(first).join(", ")}) VALUES\n${gathered.join(",\n")}`,
      );
    }
    [gathered, size] = [[], 0];
  };
  for (const row of rows) {
    const long = Object.entries(row).filter(
      ([, value]) => typeof value === "string" && value.length > STATEMENT,
    );
    const short =
      long.length === 0 ? row : { ...row, ...Object.fromEntries(long.map(([name]) => [name, ""])) };
    const text = `(${Object.values(short).map(literal).join(", ")})`;
    if (size + text.length > STATEMENT) flush();
    gathered.push(text);
    size += text.length;
    if (long.length === 0) continue;
    flush();
    const where = key.map((name) => `${name} = ${literal(row[name] ?? null)}`).join(" AND ");
    for (const [name, value] of long) {
      for (const piece of pieces(String(value))) {
        statements.push(`UPDATE ${table} SET ${name} = ${name} || ${literal(piece)} WHERE ${where}`);
      }
    }
  }
  flush();
  return statements;
}

/** Pieces of a text, cut between characters. */
function pieces(text: string): string[] {
  const found: string[] = [];
  for (let from = 0; from < text.length; ) {
    let to = Math.min(text.length, from + STATEMENT);
    // Not between the two halves of a character.
    if (/[\uD800-\uDBFF]/.test(text.charAt(to - 1)) && to < text.length) to -= 1;
    found.push(text.slice(from, to));
    from = to;
  }
  return found;
}

/** A table that is read. */
export interface ReadTable {
  name: string;
  /** The columns of its primary key. */
  key: readonly string[];
  columns: readonly string[];
}

/** Rows of a page, at most. */
const PAGE_ROWS = 2_000;
/** Bytes of a page, but for its last row: what moderators keep of one report may be half a megabyte. */
export const PAGE_BYTES = 8_000_000;

/** The query of a page of a table, after a row. */
export function pageOf({ name, key, columns }: ReadTable, last?: SqlRow): string {
  const keys = key.join(", ");
  const after =
    last && `WHERE (${keys}) > (${key.map((column) => literal(last[column] ?? null)).join(", ")})`;
  const size = columns.map((column) => `coalesce(octet_length(${column}), 0)`).join(" + ");
  const sizes = `SELECT ${keys}, ${size} AS size_ FROM ${name} ${after ?? ""} ORDER BY ${keys} LIMIT ${PAGE_ROWS}`;
  const before = `SELECT ${keys}, sum(size_) OVER (ORDER BY ${keys}) - size_ AS before_ FROM (${sizes})`;
  const shown = columns.map((column) => `${name}.${column}`).join(", ");
  return `SELECT ${shown} FROM (${before}) AS page_ JOIN ${name} USING (${keys}) WHERE before_ < ${PAGE_BYTES} ORDER BY ${keys}`;
}

/** Whether nothing comes after a page. Where it is not sure another is asked for, which is empty. */
export function isLastPage(rows: readonly SqlRow[]): boolean {
  if (rows.length === 0) return true;
  const bytes = rows
    .flatMap((row) => Object.values(row))
    .reduce((sum: number, value) => sum + sizeOf(value), 0);
  return rows.length < PAGE_ROWS && bytes < PAGE_BYTES / 2;
}

function sizeOf(value: Value): number {
  return value === null ? 0 : Buffer.byteLength(String(value));
}

/** The first line of a backup. */
export const BACKUP_BEGINS = "-- rocket-chat backup, version 1";

/** The last line of a backup with so many rows. A file without it is not whole. */
export function backupEnds(rows: number): string {
  return `-- end of the backup: ${rows} rows`;
}

/** What is wrong with a file that is to be restored, since all else would be deleted for it; undefined if nothing is. */
export function backupProblem(text: string): string | undefined {
  const [first = ""] = text.split("\n", 1);
  if (first === `${BACKUP_BEGINS}\r`) return "its line ends were changed, and so may its texts be";
  if (first !== BACKUP_BEGINS) return "it is no file of npm run backup";
  const isWhole = /\n-- end of the backup: \d+ rows\n?$/.test(text);
  return isWhole ? undefined : "it ends before its end: it was not copied or written whole";
}
