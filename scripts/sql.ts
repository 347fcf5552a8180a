/** Rows as SQL. D1 takes statements of 100 KB. */

type Value = string | number | null;
export type SqlRow = Record<string, Value>;

/** Characters of a statement: each is up to three bytes. */
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
  const characters = [...text];
  const found: string[] = [];
  for (let i = 0; i < characters.length; i += STATEMENT)
    found.push(characters.slice(i, i + STATEMENT).join(""));
  return found;
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
